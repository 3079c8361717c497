import LibvirtKit

/// The answer of a call; nil where libvirt refuses with one of these codes, which the caller has an answer to.
func unless<Answer>(_ codes: LibvirtError.Code..., call: () throws -> Answer) throws -> Answer? {
    do {
        return try call()
    } catch let error as LibvirtError {
        guard codes.contains(error.code) else { throw error }
        return nil
    }
}
