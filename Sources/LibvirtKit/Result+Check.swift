import CLibvirt
import Glibc

/// The result of a call that answers -1 when it fails.
@discardableResult
func check(_ result: Int32) throws(LibvirtError) -> Int32 {
    guard result >= 0 else { throw .last() }
    return result
}

/// The result of a call that answers NULL when it fails.
func check<Pointer>(_ result: Pointer?) throws(LibvirtError) -> Pointer {
    guard let result else { throw .last() }
    return result
}

/// A text that libvirt allocated for the caller, who frees it.
func adopt(_ text: UnsafeMutablePointer<CChar>?) throws(LibvirtError) -> String {
    let text = try check(text)
    defer { free(text) }
    return String(cString: text)
}

/// A text that belongs to a libvirt object; empty for none.
func copied(_ text: UnsafePointer<CChar>?) -> String {
    text.map { String(cString: $0) } ?? ""
}

/// A list that libvirt allocated: each handle goes to its owner, the array itself is freed here.
func adoptList<Owner>(
    _ make: (OpaquePointer) -> Owner,
    _ fill: (UnsafeMutablePointer<UnsafeMutablePointer<OpaquePointer?>?>) -> Int32
) throws(LibvirtError) -> [Owner] {
    var list: UnsafeMutablePointer<OpaquePointer?>?
    let count = try check(fill(&list))
    defer { free(list) }
    guard let list else { return [] }
    return (0..<Int(count)).compactMap { list[$0].map(make) }
}

/// The UUID of an object, by the function that prints its kind's.
func uuid(_ print: (UnsafeMutablePointer<CChar>) -> Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(VIR_UUID_STRING_BUFLEN)) { buffer in
        guard let start = buffer.baseAddress, print(start) == 0 else { return "" }
        return String(cString: start)
    }
}
