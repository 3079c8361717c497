import ProviderAPI
import XMLKit

/// The XML of volumes (formatstorage).
enum VolumeDefinition {
    /// A volume of that many bytes, of which that many are taken at once.
    static func volume(
        _ name: String, capacity: Int, allocation: Int = 0, format: String,
        backing: (path: String, format: String)? = nil
    ) -> XMLElement {
        var volume = XMLElement(
            "volume", [:],
            [
                XMLElement("name", text: name), XMLElement("capacity", ["unit": "bytes"], text: "\(capacity)"),
                XMLElement("allocation", ["unit": "bytes"], text: "\(allocation)"),
                XMLElement("target", [:], [XMLElement("format", ["type": format])]),
            ])
        if let backing {
            volume.append(
                XMLElement(
                    "backingStore", [:],
                    [XMLElement("path", text: backing.path), XMLElement("format", ["type": backing.format])]))
        }
        return volume
    }

    /// A size as people write it: bytes, or with K, M, G or T (KiB, ...).
    static func bytes(_ text: String) throws(ProviderError) -> Int {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).uppercased()
        let factors = ["": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
        let short = unit.hasSuffix("IB") ? String(unit.dropLast(2)) : unit
        guard let number = Int(digits), let factor = factors[short] else {
            throw ProviderError(.invalidValue, "size \(text) is not a size: write bytes, or 512M, 10G")
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw ProviderError(.outOfRange, "size \(text) is too large") }
        return bytes
    }
}
