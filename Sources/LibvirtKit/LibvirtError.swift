import CLibvirt

/// A failed libvirt call: libvirt's own code, its domain and its words.
///
/// libvirt keeps the last error for each thread (virGetLastError), so it is read in the same synchronous stretch as the
/// call that failed.
public struct LibvirtError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A value of `virErrorNumber`.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// libvirt's number.
        public let rawValue: Int32

        /// Wraps libvirt's number.
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        init(_ number: virErrorNumber) {
            rawValue = Int32(number.rawValue)
        }
    }

    /// What callers decide by.
    public let code: Code
    /// The part of libvirt that failed, a value of `virErrorDomain`.
    public let domain: Int32
    /// The errno behind ``Code/systemError``; 0 for none.
    public let systemError: Int32
    /// libvirt's words.
    public let message: String

    /// An error with its words.
    public init(code: Code, domain: Int32 = 0, systemError: Int32 = 0, message: String) {
        self.code = code
        self.domain = domain
        self.systemError = systemError
        self.message = message
    }

    /// libvirt's words.
    public var description: String { message }

    /// Whether it came up between libvirt and the process of a machine (VIR_FROM_QEMU).
    public var isOfQEMU: Bool { domain == Int32(bitPattern: VIR_FROM_QEMU.rawValue) }

    /// The last error of the calling thread.
    static func last() -> LibvirtError {
        guard let error = virGetLastError() else {
            return LibvirtError(code: .internalError, message: "libvirt failed without saying why")
        }
        let message = error.pointee.message.map { String(cString: $0) } ?? "libvirt gave no message"
        let oneLine = String(message.map { $0.isNewline ? " " : $0 })
        let code = Code(rawValue: error.pointee.code)
        // virReportSystemError puts the errno in int1.
        let number = code == .systemError ? error.pointee.int1 : 0
        return LibvirtError(code: code, domain: error.pointee.domain, systemError: number, message: oneLine)
    }
}

extension LibvirtError.Code {
    /// VIR_ERR_INTERNAL_ERROR
    public static let internalError = Self(VIR_ERR_INTERNAL_ERROR)
    /// VIR_ERR_NO_MEMORY
    public static let noMemory = Self(VIR_ERR_NO_MEMORY)
    /// VIR_ERR_NO_SUPPORT: the driver has no such function.
    public static let noSupport = Self(VIR_ERR_NO_SUPPORT)
    /// VIR_ERR_NO_CONNECT
    public static let noConnect = Self(VIR_ERR_NO_CONNECT)
    /// VIR_ERR_INVALID_CONN
    public static let invalidConnection = Self(VIR_ERR_INVALID_CONN)
    /// VIR_ERR_INVALID_ARG
    public static let invalidArgument = Self(VIR_ERR_INVALID_ARG)
    /// VIR_ERR_OPERATION_FAILED
    public static let operationFailed = Self(VIR_ERR_OPERATION_FAILED)
    /// VIR_ERR_DOM_EXIST
    public static let domainExists = Self(VIR_ERR_DOM_EXIST)
    /// VIR_ERR_OPERATION_DENIED: the connection is read-only.
    public static let operationDenied = Self(VIR_ERR_OPERATION_DENIED)
    /// VIR_ERR_SYSTEM_ERROR: a system call failed.
    public static let systemError = Self(VIR_ERR_SYSTEM_ERROR)
    /// VIR_ERR_RPC
    public static let rpc = Self(VIR_ERR_RPC)
    /// VIR_ERR_GNUTLS_ERROR
    public static let tls = Self(VIR_ERR_GNUTLS_ERROR)
    /// VIR_ERR_NO_DOMAIN
    public static let noDomain = Self(VIR_ERR_NO_DOMAIN)
    /// VIR_ERR_NO_NETWORK
    public static let noNetwork = Self(VIR_ERR_NO_NETWORK)
    /// VIR_ERR_INVALID_MAC
    public static let invalidMAC = Self(VIR_ERR_INVALID_MAC)
    /// VIR_ERR_AUTH_FAILED
    public static let authFailed = Self(VIR_ERR_AUTH_FAILED)
    /// VIR_ERR_AUTH_CANCELLED
    public static let authCancelled = Self(VIR_ERR_AUTH_CANCELLED)
    /// VIR_ERR_AUTH_UNAVAILABLE
    public static let authUnavailable = Self(VIR_ERR_AUTH_UNAVAILABLE)
    /// VIR_ERR_NO_STORAGE_POOL
    public static let noStoragePool = Self(VIR_ERR_NO_STORAGE_POOL)
    /// VIR_ERR_NO_STORAGE_VOL
    public static let noStorageVolume = Self(VIR_ERR_NO_STORAGE_VOL)
    /// VIR_ERR_OPERATION_INVALID: the object's state does not allow it.
    public static let operationInvalid = Self(VIR_ERR_OPERATION_INVALID)
    /// VIR_ERR_CONFIG_UNSUPPORTED
    public static let configUnsupported = Self(VIR_ERR_CONFIG_UNSUPPORTED)
    /// VIR_ERR_OPERATION_TIMEOUT
    public static let operationTimeout = Self(VIR_ERR_OPERATION_TIMEOUT)
    /// VIR_ERR_NO_DOMAIN_SNAPSHOT
    public static let noSnapshot = Self(VIR_ERR_NO_DOMAIN_SNAPSHOT)
    /// VIR_ERR_ARGUMENT_UNSUPPORTED
    public static let argumentUnsupported = Self(VIR_ERR_ARGUMENT_UNSUPPORTED)
    /// VIR_ERR_OPERATION_UNSUPPORTED
    public static let operationUnsupported = Self(VIR_ERR_OPERATION_UNSUPPORTED)
    /// VIR_ERR_OVERFLOW
    public static let overflow = Self(VIR_ERR_OVERFLOW)
    /// VIR_ERR_BLOCK_COPY_ACTIVE
    public static let blockCopyActive = Self(VIR_ERR_BLOCK_COPY_ACTIVE)
    /// VIR_ERR_OPERATION_ABORTED
    public static let operationAborted = Self(VIR_ERR_OPERATION_ABORTED)
    /// VIR_ERR_NO_DOMAIN_METADATA
    public static let noMetadata = Self(VIR_ERR_NO_DOMAIN_METADATA)
    /// VIR_ERR_NETWORK_EXIST
    public static let networkExists = Self(VIR_ERR_NETWORK_EXIST)
    /// VIR_ERR_STORAGE_VOL_EXIST
    public static let storageVolumeExists = Self(VIR_ERR_STORAGE_VOL_EXIST)
    /// VIR_ERR_STORAGE_POOL_BUILT
    public static let storagePoolBuilt = Self(VIR_ERR_STORAGE_POOL_BUILT)
    /// VIR_ERR_ACCESS_DENIED
    public static let accessDenied = Self(VIR_ERR_ACCESS_DENIED)
    /// VIR_ERR_RESOURCE_BUSY
    public static let resourceBusy = Self(VIR_ERR_RESOURCE_BUSY)
    /// VIR_ERR_XML_ERROR
    public static let xmlError = Self(VIR_ERR_XML_ERROR)
    /// VIR_ERR_XML_DETAIL
    public static let xmlDetail = Self(VIR_ERR_XML_DETAIL)
    /// VIR_ERR_XML_INVALID_SCHEMA
    public static let xmlInvalidSchema = Self(VIR_ERR_XML_INVALID_SCHEMA)
    /// VIR_ERR_AGENT_UNRESPONSIVE
    public static let agentUnresponsive = Self(VIR_ERR_AGENT_UNRESPONSIVE)
    /// VIR_ERR_AGENT_UNSYNCED
    public static let agentUnsynced = Self(VIR_ERR_AGENT_UNSYNCED)
    /// VIR_ERR_NO_SECRET
    public static let noSecret = Self(VIR_ERR_NO_SECRET)
    /// VIR_ERR_DEVICE_MISSING
    public static let deviceMissing = Self(VIR_ERR_DEVICE_MISSING)
    /// VIR_ERR_INVALID_DOMAIN_SNAPSHOT
    public static let invalidSnapshot = Self(VIR_ERR_INVALID_DOMAIN_SNAPSHOT)
    /// VIR_ERR_SNAPSHOT_REVERT_RISKY
    public static let revertRisky = Self(VIR_ERR_SNAPSHOT_REVERT_RISKY)
}
