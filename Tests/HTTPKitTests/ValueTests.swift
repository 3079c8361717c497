import HTTPKit
import Testing

@Suite struct ValueTests {
    @Test(arguments: [
        ("http://Host", "http://host/"), ("https://host:443/a", "https://host/a"),
        ("http://127.0.0.1:8080/a%2Fb/../c?x=1&y", "http://127.0.0.1:8080/a%2Fb/../c?x=1&y"),
        ("http://[::1]:8080?q", "http://[::1]:8080/?q"), ("https://h/a b/é#part", "https://h/a%20b/%C3%A9"),
        ("https://h/a+b?c=%zz+d", "https://h/a+b?c=%zz+d"),
    ])
    func anAddressIsReadAndWritten(text: String, written: String) throws {
        #expect(try HTTPURL(text).absolute == written)
    }

    @Test(arguments: [
        "", "host", "ftp://host", "http://", "http://a:b@host/", "http://host:0/", "http://host:99999/",
        "http://ho st/", "http://host/a\nb", "file:///etc/passwd", "http://[::1/",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        #expect { try HTTPURL(text) } throws: { ($0 as? HTTPError)?.code == .invalidRequest }
    }

    @Test func namesAreEncodedWhole() throws {
        let url = try HTTPURL("https://h/base/").appending("a/b", "ü~*").with(["k ey": "v&=+", "z": ""])
        #expect(url.absolute == "https://h/base/a%2Fb/%C3%BC~%2A?k%20ey=v%26%3D%2B&z=")
        #expect(try HTTPURL("https://h").appending(path: "a/./b+c").absolute == "https://h/a/./b%2Bc")
        #expect(url.fields.map(\.name) == ["k ey", "z"])
        #expect(url.fields.map(\.value) == ["v&=+", ""])
        #expect(try HTTPURL("http://h/p?a=1").with([("b", nil)]).absolute == "http://h/p?a=1&b")
    }

    @Test(arguments: [
        ("/x?y", "https://h:1/x?y"), ("https://o/x", "https://o/x"), ("//o/x", "https://o/x"),
        ("?z", "https://h:1/a/b?z"),
        ("c", "https://h:1/a/c"), ("../c/./d/..", "https://h:1/c/"), ("", "https://h:1/a/b?q"),
    ])
    func referencesAreSeenFromAnAddress(reference: String, meant: String) throws {
        #expect(try HTTPURL("https://h:1/a/b?q").resolving(reference).absolute == meant)
    }

    @Test func encodingIsStrictAndReversible() {
        #expect(PercentEncoding.encode("AZaz09-._~ /%é") == "AZaz09-._~%20%2F%25%C3%A9")
        #expect(PercentEncoding.encode("a/b c", keepingSlash: true) == "a/b%20c")
        #expect(PercentEncoding.decode("%C3%A9%2f+") == "é/+")
        #expect(PercentEncoding.decode("%4") == nil)
        #expect(PercentEncoding.decode("%FF") == nil)
        #expect(PercentEncoding.form([("a b", "c&d"), ("e", "")]) == "a%20b=c%26d&e=")
    }

    @Test func headersKeepOrderAndHideSecrets() {
        var headers: HTTPHeaders = ["Accept": "a", "X-Auth-Token": "hush", "Set-Cookie": "hush"]
        headers.append("accept", "b")
        #expect(headers.all("ACCEPT") == ["a", "b"])
        #expect(headers["x-auth-token"] == "hush")
        headers["Accept"] = "c"
        #expect(headers.all("accept") == ["c"])
        headers["AUTHORIZATION"] = "hush"
        headers["X-Amz-Security-Token"] = "hush"
        #expect(!"\(headers)".contains("hush"))
        #expect(!String(reflecting: headers).contains("hush"))
        var shown = ""
        dump(headers, to: &shown)
        #expect(!shown.contains("hush"))
    }

    @Test func aRequestShowsNoSecret() throws {
        let url = try HTTPURL("https://h/p?X-Amz-Signature=hush")
        let request = HTTPRequest(.put, url, headers: ["Authorization": "hush"], body: .text("hush"))
        var shown = "\(request) \(String(reflecting: request)) \(url)"
        dump(request, to: &shown)
        #expect(shown.contains("PUT https://h/p"))
        #expect(!shown.contains("hush"))
    }

    @Test(arguments: [
        ("120", 120), ("0", 0), ("-5", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sun, 06 Nov 1994 08:48:37 GMT", 0),
        ("soon", nil), ("", nil),
    ])
    func retryAfterIsSecondsOrADate(text: String, seconds: Int?) {
        let headers: HTTPHeaders = ["Retry-After": text]
        #expect(headers.retryAfter(now: 784_111_740) == seconds.map { .seconds($0) })
    }

    @Test func datesAreThoseOfTheStandard() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
        for seconds in [0, 951_782_399, 951_782_400, 1_764_547_200, 4_102_444_799, 32_503_680_000] {
            #expect(HTTPDate.seconds(HTTPDate.text(seconds)) == seconds)
        }
        #expect(HTTPDate.text(951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(HTTPDate.calendar(-1) == (1969, 12, 31))
        #expect(HTTPDate.seconds("06 Nov 1994") == nil)
    }

    @Test func aRangeIsAHeader() throws {
        var request = HTTPRequest(.get, try HTTPURL("http://h"))
        request.range = 10..<20
        #expect(request.headers["Range"] == "bytes=10-19")
        #expect(request.range == 10..<20)
        request.range = nil
        #expect(request.headers["Range"] == nil)
    }
}
