import ProviderAPI
import SystemPackage
import Testing

@testable import MountBridge

@Suite("The errno of each reason")
struct ErrnoTests {
    static let table: [(ProviderError.Code, Int32, String)] = [
        (.notFound, 2, "ENOENT"), (.alreadyExists, 17, "EEXIST"), (.credentialsMissing, 126, "ENOKEY"),
        (.credentialsExpired, 127, "EKEYEXPIRED"), (.credentialsRejected, 129, "EKEYREJECTED"),
        (.forbidden, 13, "EACCES"), (.protected, 1, "EPERM"), (.readOnly, 30, "EROFS"), (.invalidValue, 22, "EINVAL"),
        (.outOfRange, 34, "ERANGE"), (.tooLarge, 27, "EFBIG"), (.busy, 16, "EBUSY"), (.notEmpty, 39, "ENOTEMPTY"),
        (.unsupported, 95, "EOPNOTSUPP"), (.quotaExceeded, 122, "EDQUOT"), (.noSpace, 28, "ENOSPC"),
        (.throttled, 11, "EAGAIN"), (.replaced, 116, "ESTALE"), (.timedOut, 110, "ETIMEDOUT"),
        (.unreachable, 113, "EHOSTUNREACH"), (.cancelled, 4, "EINTR"), (.malformedReply, 5, "EIO"),
        (.isDirectory, 21, "EISDIR"), (.notDirectory, 20, "ENOTDIR"), (.notPermitted, 1, "EPERM"),
        (.nameTooLong, 36, "ENAMETOOLONG"), (.noAttribute, 61, "ENODATA"), (.crossDevice, 18, "EXDEV"),
        (.tooManyOpen, 23, "ENFILE"), (.failed, 5, "EIO"),
    ]

    @Test("is what Linux calls it", arguments: table)
    func number(code: ProviderError.Code, errno: Int32, name: String) {
        let number = ErrorNumber(code)
        #expect(number.errno.rawValue == errno)
        #expect(number.name == name)
    }

    @Test("is in the table for every reason")
    func isComplete() {
        #expect(Set(Self.table.map(\.0)) == Set(ProviderError.Code.allCases))
    }

    @Test("is never ENOSYS, and ENOENT only for what is not there")
    func isCareful() {
        for code in ProviderError.Code.allCases {
            #expect(ErrorNumber(code).name != "ENOSYS")
            #expect((ErrorNumber(code).name == "ENOENT") == (code == .notFound))
        }
    }
}
