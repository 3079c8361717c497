import HTTPKit
import Testing

@testable import AWSSigning

/// The vectors that AWS publishes with its signer (`aws4_testsuite`) and in the documentation of S3.
@Suite struct SignatureTests {
    private static let credentials = AWSCredentials(
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    private static let s3Credentials = AWSCredentials(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    /// 2015-08-30T12:36:00Z.
    private static let moment = 1_440_938_160
    /// 2013-05-24T00:00:00Z.
    private static let s3Moment = 1_369_353_600
    private static let letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    private static func authorization(_ request: inout HTTPRequest, _ payload: SigV4.Payload = .bytes([])) -> String {
        SigV4(credentials, region: "us-east-1", service: "service").sign(&request, payload, at: moment)
        return request.headers["Authorization"] ?? ""
    }

    @Test(arguments: [
        ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("GET", "/?Param1=value1", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        ("POST", "/?Param1=value1", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
        ("GET", "/?Param1=value2&Param1=Value1", "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"),
        ("GET", "/?Param1=value2&Param1=value1", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"),
        ("GET", "/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        (
            "GET", "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"
        ),
        ("GET", "/?-._~\(letters)=-._~\(letters)", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
        ("GET", "/?ሴ=bar", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        ("GET", "/ሴ", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        ("GET", "/-._~\(letters)", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        ("GET", "/example/..", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("GET", "/example1/example2/../..", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("GET", "/example/$delete", "a853c9b21b528b19643d00910d35b83a10c366a10833ceefb45edd6c80e40f27"),
        ("GET", "//example//", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        ("GET", "/./example", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
        ("GET", "/./", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("GET", "//", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("GET", "/example space/", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
    ])
    func addressesAreSigned(method: String, target: String, signature: String) throws {
        var url = try HTTPURL("https://example.amazonaws.com\(target)")
        // The vectors have paths as they are before their first encoding.
        url.path = String(target.prefix { $0 != "?" })
        var request = HTTPRequest(HTTPMethod(rawValue: method), url)
        #expect(
            Self.authorization(&request)
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=host;x-amz-date, Signature=\(signature)")
        #expect(request.headers["x-amz-date"] == "20150830T123600Z")
        #expect(request.headers["x-amz-content-sha256"] == nil, "only S3 wants it")
    }

    @Test(arguments: [
        (
            ["My-Header1:value2", "My-Header1:value2", "My-Header1:value1"], "host;my-header1;x-amz-date",
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"
        ),
        (
            ["My-Header1:value4", "My-Header1:value1", "My-Header1:value3", "My-Header1:value2"],
            "host;my-header1;x-amz-date", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"
        ),
        (
            ["My-Header1: value1", "My-Header2: \"a   b   c\""], "host;my-header1;my-header2;x-amz-date",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
        ),
    ])
    func headersAreSigned(lines: [String], names: String, signature: String) throws {
        var request = HTTPRequest(.get, try HTTPURL("https://example.amazonaws.com/"))
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            request.headers.append(parts[0], parts[1])
        }
        request.headers["User-Agent"] = "changed on the way"
        #expect(Self.authorization(&request).hasSuffix("SignedHeaders=\(names), Signature=\(signature)"))
    }

    @Test func aFormIsSigned() throws {
        var request = HTTPRequest(.post, try HTTPURL("https://example.amazonaws.com/"))
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        let signature = "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
        #expect(Self.authorization(&request, .bytes(Array("Param1=value1".utf8))).hasSuffix(signature))
    }

    @Test func aSessionTokenIsSigned() throws {
        var request = HTTPRequest(.get, try HTTPURL("https://example.amazonaws.com/"))
        let credentials = AWSCredentials(
            accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            sessionToken: "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267")
        let signature = SigV4(credentials, region: "us-east-1", service: "service")
            .sign(&request, .bytes([]), at: Self.moment)
        #expect(signature == "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8")
        #expect(!"\(credentials) \(String(reflecting: credentials))".contains("6e86"))
        #expect(!"\(request.headers)".contains("6e86"))
    }

    // MARK: S3

    private static let s3 = SigV4(s3Credentials, region: "us-east-1", service: "s3")

    @Test(arguments: [
        ("/test.txt", ["Range": "bytes=0-9"], "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        ("/?lifecycle", [:], "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("/?max-keys=2&prefix=J", [:], "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ])
    func objectsAreAskedFor(target: String, headers: [String: String], signature: String) throws {
        var request = HTTPRequest(.get, try HTTPURL("https://examplebucket.s3.amazonaws.com\(target)"))
        for (name, value) in headers { request.headers[name] = value }
        #expect(Self.s3.sign(&request, .bytes([]), at: Self.s3Moment) == signature)
        #expect(request.headers["x-amz-content-sha256"] == Checksum.sha256(""))
    }

    @Test func anObjectIsPut() throws {
        let body = Array("Welcome to Amazon S3.".utf8)
        var request = HTTPRequest(
            .put, try HTTPURL("https://examplebucket.s3.amazonaws.com").appending("test$file.text"), body: .bytes(body))
        request.headers = ["Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"]
        #expect(
            Self.s3.sign(&request, .bytes(body), at: Self.s3Moment)
                == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    }

    @Test func anAddressCarriesItsSignature() throws {
        let request = HTTPRequest(.get, try HTTPURL("https://examplebucket.s3.amazonaws.com/test.txt"))
        #expect(
            Self.s3.presigned(request, expires: 86400, at: Self.s3Moment).absolute
                == "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    @Test func chunksAreSignedOneAfterTheOther() throws {
        var request = HTTPRequest(.put, try HTTPURL("https://s3.amazonaws.com/examplebucket/chunkObject.txt"))
        request.headers = [
            "x-amz-storage-class": "REDUCED_REDUNDANCY", "Content-Encoding": "aws-chunked",
            "x-amz-decoded-content-length": "66560", "Content-Length": "66824",
        ]
        let seed = Self.s3.sign(&request, .chunks, at: Self.s3Moment)
        #expect(seed == "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
        var chunks = Self.s3.chunks(after: seed, at: Self.s3Moment)
        let sizes = [65536, 1024, 0]
        let signatures = [
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ]
        var total = 0
        for (size, signature) in zip(sizes, signatures) {
            let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: size)
            let chunk = chunks.next(bytes)
            let line = "\(String(size, radix: 16));chunk-signature=\(signature)\r\n"
            #expect(chunk == Array(line.utf8) + bytes + Array("\r\n".utf8))
            total += chunk.count
        }
        #expect(total == 66824)
    }

    @Test func aKeyIsDerivedOnceADay() throws {
        let credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")
        let keys = SigningKeys()
        let sign = { (region: String, seconds: Int, keys: SigningKeys?) in
            var request = HTTPRequest(.get, try HTTPURL("https://example.amazonaws.com/"))
            return SigV4(credentials, region: region, service: "s3", keys: keys).sign(&request, .unsigned, at: seconds)
        }
        let day = 1_440_938_160
        for (seconds, count) in [(day, 1), (day + 60, 1), (day + 86400, 2)] {
            #expect(try sign("us-east-1", seconds, keys) == sign("us-east-1", seconds, nil))
            #expect(keys.count == count)
        }
        #expect(try sign("eu-west-3", day, keys) == sign("eu-west-3", day, nil))
        #expect(keys.count == 3)
    }

    @Test func keysAreSignedAsTheyAre() throws {
        var one = HTTPRequest(.get, try HTTPURL("https://b.s3.amazonaws.com").appending(path: "a/../b//c"))
        var other = HTTPRequest(.get, try HTTPURL("https://b.s3.amazonaws.com").appending(path: "b/c"))
        #expect(Self.s3.sign(&one, .unsigned, at: 0) != Self.s3.sign(&other, .unsigned, at: 0))
        #expect(one.headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD")
    }

    @Test func digestsAreThoseOfTheStandards() {
        #expect(Checksum.base64MD5(Array("abc".utf8)) == "kAFQmDzST7DWlj99KOF/cg==")
        #expect(Checksum.base64SHA256(Array("abc".utf8)) == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
        #expect(
            Checksum.sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
