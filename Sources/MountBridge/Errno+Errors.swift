import Glibc
import ProviderAPI
import SystemPackage

/// An errno with the name that manual pages call it by.
struct ErrorNumber: Sendable, Hashable {
    /// What the kernel is told.
    let errno: Errno
    /// `ENOENT`, for the journal and the log.
    let name: String

    private init(_ number: Int32, _ name: String) {
        errno = Errno(rawValue: number)
        self.name = name
    }

    /// The errno that a user of files would guess for each reason. This is the only place that chooses one.
    ///
    /// Never ENOSYS, which the kernel takes as "never ask again" for the whole mount, and never ENOENT for an outage,
    /// from which a script would conclude that the machines are gone.
    init(_ code: ProviderError.Code) {
        self =
            switch code {
            case .notFound: Self(ENOENT, "ENOENT")
            case .alreadyExists: Self(EEXIST, "EEXIST")
            case .credentialsMissing: Self(ENOKEY, "ENOKEY")
            case .credentialsExpired: Self(EKEYEXPIRED, "EKEYEXPIRED")
            case .credentialsRejected: Self(EKEYREJECTED, "EKEYREJECTED")
            case .forbidden: Self(EACCES, "EACCES")
            case .protected: Self(EPERM, "EPERM")
            case .readOnly: Self(EROFS, "EROFS")
            case .invalidValue: Self(EINVAL, "EINVAL")
            case .outOfRange: Self(ERANGE, "ERANGE")
            case .tooLarge: Self(EFBIG, "EFBIG")
            case .busy: Self(EBUSY, "EBUSY")
            case .notEmpty: Self(ENOTEMPTY, "ENOTEMPTY")
            case .unsupported: Self(EOPNOTSUPP, "EOPNOTSUPP")
            case .quotaExceeded: Self(EDQUOT, "EDQUOT")
            case .noSpace: Self(ENOSPC, "ENOSPC")
            case .throttled: Self(EAGAIN, "EAGAIN")
            case .replaced: Self(ESTALE, "ESTALE")
            case .timedOut: Self(ETIMEDOUT, "ETIMEDOUT")
            case .unreachable: Self(EHOSTUNREACH, "EHOSTUNREACH")
            case .cancelled: Self(EINTR, "EINTR")
            case .malformedReply: Self(EIO, "EIO")
            case .isDirectory: Self(EISDIR, "EISDIR")
            case .notDirectory: Self(ENOTDIR, "ENOTDIR")
            case .notPermitted: Self(EPERM, "EPERM")
            case .nameTooLong: Self(ENAMETOOLONG, "ENAMETOOLONG")
            case .noAttribute: Self(ENODATA, "ENODATA")
            case .crossDevice: Self(EXDEV, "EXDEV")
            case .tooManyOpen: Self(ENFILE, "ENFILE")
            case .failed: Self(EIO, "EIO")
            }
    }

    /// The errno of one operation. A rename that would commit a draft with an impossible value is ECANCELED: mv(1) takes
    /// EINVAL of rename(2) for a directory moved into itself, and says so.
    init(_ code: ProviderError.Code, of operation: KernelOperation) {
        self = operation == .rename && code == .invalidValue ? Self(ECANCELED, "ECANCELED") : Self(code)
    }

    // What no provider says but a file can. None of these is a failure to report.

    /// lseek(2) for data or a hole past the end of the file.
    static let pastTheEnd = Self(ENXIO, "ENXIO")
    /// A stream opened with O_NONBLOCK has nothing to read.
    static let wouldBlock = Self(EAGAIN, "EAGAIN")
    /// An extended attribute of a kind that is not kept. Tools that copy attributes along take it as "not here".
    static let attributeNotKept = Self(EOPNOTSUPP, "EOPNOTSUPP")
    /// An extended attribute that is not there.
    static let noAttribute = Self(ENODATA, "ENODATA")
}
