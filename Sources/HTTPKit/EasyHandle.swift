import CCurl

/// The owner of a curl handle for one exchange, and of the lists and buffers whose addresses it knows.
///
/// It belongs to the engine's thread: "you must never share the same handle in multiple threads" (libcurl-thread(3)).
struct EasyHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private var list: UnsafeMutablePointer<curl_slist>?
    private let reason: UnsafeMutablePointer<CChar>

    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        reason = .allocate(capacity: Int(CURL_ERROR_SIZE))
        reason.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        _ = infrafs_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, reason)
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(list)
        reason.deallocate()
    }

    /// What curl said of a failure; empty where it said nothing.
    var words: String { String(cString: reason) }

    /// Bytes of requests that were handed to the connection.
    var sentBytes: Int {
        var count = 0
        _ = infrafs_curl_get_long(pointer, CURLINFO_REQUEST_SIZE, &count)
        return count
    }

    /// Grows whenever a byte moves, either way.
    var movedBytes: Int {
        var (up, down, headers) = (curl_off_t(0), curl_off_t(0), 0)
        _ = infrafs_curl_get_offset(pointer, CURLINFO_SIZE_UPLOAD_T, &up)
        _ = infrafs_curl_get_offset(pointer, CURLINFO_SIZE_DOWNLOAD_T, &down)
        _ = infrafs_curl_get_long(pointer, CURLINFO_HEADER_SIZE, &headers)
        return Int(up) + Int(down) + headers + sentBytes
    }

    func set(_ option: CURLoption, _ value: Int) throws(HTTPError) {
        try check(infrafs_curl_set_long(pointer, option, value), option)
    }

    func set(_ option: CURLoption, offset: Int) throws(HTTPError) {
        try check(infrafs_curl_set_offset(pointer, option, curl_off_t(offset)), option)
    }

    /// The text is copied (curl_easy_setopt(3)).
    func set(_ option: CURLoption, _ text: String?) throws(HTTPError) {
        try check(infrafs_curl_set_string(pointer, option, text), option)
    }

    func set(_ option: CURLoption, blob: [UInt8]) throws(HTTPError) {
        try check(
            blob.withUnsafeBytes { infrafs_curl_set_blob(pointer, option, $0.baseAddress ?? .init(reason), $0.count) },
            option)
    }

    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) throws(HTTPError) {
        try check(infrafs_curl_set_pointer(pointer, option, value), option)
    }

    func set(_ option: CURLoption, _ function: infrafs_curl_transfer) throws(HTTPError) {
        try check(infrafs_curl_set_transfer(pointer, option, function), option)
    }

    /// Sets the lines of the request's headers.
    mutating func setHeaders(_ lines: [String]) throws(HTTPError) {
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                throw HTTPError(.failed, "no memory for a request's headers")
            }
            list = longer
        }
        try check(infrafs_curl_set_list(pointer, CURLOPT_HTTPHEADER, list), CURLOPT_HTTPHEADER)
    }

    private func check(_ code: CURLcode, _ option: CURLoption) throws(HTTPError) {
        guard code != CURLE_OK else { return }
        throw HTTPError(.invalidRequest, "curl option \(option.rawValue): \(String(cString: curl_easy_strerror(code)))")
    }
}
