import ProviderAPI
import ProviderKit

/// Whose images are looked at, and which: `OWNER/PATTERN` in the configuration, a line of `images`.
struct ImageFilter: Sendable, Hashable {
    /// `self`, `amazon`, `aws-marketplace`, or an account's number.
    let owner: String
    /// Of the image's name; `*` and `?` as in a shell.
    let pattern: String

    /// Reads a line. The name of an image may hold slashes; its owner does not.
    init(_ line: String) throws(ProviderError) {
        guard let slash = line.firstIndex(of: "/"), slash != line.startIndex, line.index(after: slash) < line.endIndex
        else {
            throw ProviderError(
                .invalidValue, "images: '\(line)' is not OWNER/PATTERN, such as amazon/al2023-ami-2023.*-x86_64")
        }
        owner = String(line[..<slash])
        pattern = String(line[line.index(after: slash)...])
        let isNumber = owner.utf8.count == 12 && owner.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber || ["self", "amazon", "aws-marketplace", "aws-backup-vault"].contains(owner) else {
            throw ProviderError(
                .invalidValue, "images: '\(owner)' is none of self, amazon, aws-marketplace and no account's number")
        }
    }
}

/// Finds the AMI that a person names.
struct ImageFinder: Sendable {
    let account: Account

    /// By id, by name, or the newest of those whose name matches a pattern. Anybody can give an image any name, so names
    /// count only where the owner is known: the account itself, Amazon, and the owners that the configuration names.
    func image(_ name: String) async throws(ProviderError) -> EC2.MachineImage {
        let what = "find the image \(name)"
        if name.hasPrefix("ami-") { return try await image(id: name, what) }
        let owners = Set(["self", "amazon"] + account.imageFilters.map(\.owner)).sorted()
        let found = try await account.ec2.images(owners: owners, [("name", [name])], to: what)
        let own = account.images.apply(to: found, asked: [], id: \.id)
        let usable = own.filter { $0.state == "available" }
        guard let newest = usable.max(by: { ($0.creationDate ?? "", $0.id) < ($1.creationDate ?? "", $1.id) }) else {
            let state = own.first.map { ": \($0.id) is \($0.state)" } ?? ""
            throw ProviderError(
                .invalidValue,
                "no image of \(owners.joined(separator: ", ")) is called \(name) in \(account.region)\(state)")
        }
        return newest
    }

    /// EC2's own words where there is none of that id, or none that this account may use.
    private func image(id: String, _ what: String) async throws(ProviderError) -> EC2.MachineImage {
        do throws(ProviderError) {
            if let image = try await account.ec2.images(ids: [id], to: what).first { return image }
            throw ProviderError(.notFound, "there is no image \(id) in \(account.region) that this account may use")
        } catch {
            let own = account.images.apply(to: [], asked: [id], id: \.id)
            guard error.code == .notFound, let made = own.first else { throw error }
            return made
        }
    }
}
