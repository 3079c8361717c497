import Glibc
import LibvirtKit
import ProviderAPI

extension ProviderError {
    /// A failed libvirt call on a subject ("virtual machine web1"), by libvirt's code alone; its words are the cause.
    init(_ error: LibvirtError, on subject: String) {
        let (code, advice) = Self.meaning(of: error)
        self.init(code, "\(subject): \(advice)", cause: error.message)
    }

    private static func meaning(of error: LibvirtError) -> (Code, String) {
        switch error.code {
        case .noDomain, .noNetwork, .noStoragePool, .noStorageVolume, .noSnapshot, .noMetadata, .deviceMissing:
            (.notFound, "it is not there")
        case .domainExists, .networkExists, .storageVolumeExists, .storagePoolBuilt:
            (.alreadyExists, "the name is taken")
        case .operationInvalid, .resourceBusy, .blockCopyActive, .operationTimeout, .revertRisky:
            (.busy, "its state does not allow this now")
        case .authFailed, .authCancelled, .authUnavailable:
            (.credentialsRejected, "libvirt does not accept the credentials: check user, key and socket")
        case .operationDenied, .accessDenied:
            (.forbidden, "libvirt does not allow this user to do that")
        case .noSupport, .configUnsupported, .argumentUnsupported, .operationUnsupported:
            (.unsupported, "this libvirt cannot do that")
        case .invalidArgument, .xmlError, .xmlDetail, .xmlInvalidSchema, .invalidMAC, .overflow:
            (.invalidValue, "libvirt does not take the value")
        case .noConnect, .invalidConnection, .tls:
            (.unreachable, "libvirt cannot be reached")
        case .rpc:
            (.malformedReply, "libvirt's answer makes no sense")
        case .agentUnresponsive, .agentUnsynced:
            (.timedOut, "the guest agent does not answer")
        case .operationAborted:
            (.cancelled, "it was aborted")
        case .systemError where error.isOfQEMU && [ECONNRESET, EPIPE].contains(error.systemError):
            (.failed, "its QEMU ended meanwhile")
        case .systemError:
            meaning(ofSystemError: error.systemError)
        default:
            (.failed, "libvirt failed")
        }
    }

    private static func meaning(ofSystemError number: Int32) -> (Code, String) {
        switch number {
        case ENOSPC: (.noSpace, "the host has no room")
        case EDQUOT: (.quotaExceeded, "the host's quota is used up")
        case EACCES, EPERM: (.forbidden, "the host does not allow it")
        case ECONNREFUSED, ECONNRESET, EPIPE, EHOSTUNREACH, ENETUNREACH, ENOTCONN:
            (.unreachable, "libvirt cannot be reached")
        case ETIMEDOUT: (.timedOut, "no answer in time")
        default: (.failed, "a system call failed on the host")
        }
    }

    /// A failed attempt to connect: whatever else is wrong, the platform is not reachable.
    init(connecting error: LibvirtError, to uri: String) {
        self.init(error, on: uri)
        let telling: Set<Code> = [.credentialsRejected, .forbidden, .invalidValue, .timedOut]
        guard !telling.contains(code) else { return }
        // What ssh itself said is in libvirt's words; it may not ask anybody anything.
        let advice = uri.hasPrefix("qemu+ssh") ? ", and that ssh gets there without a question" : ""
        self = ProviderError(
            .unreachable, "libvirt cannot be reached at \(uri): check that it runs there\(advice)", cause: error.message
        )
    }
}
