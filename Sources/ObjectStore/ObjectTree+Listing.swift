public import ProviderAPI

extension ObjectTree {
    /// Where a listing goes on.
    public struct ListingToken: Sendable {
        var listing: Listing
    }

    /// Some entries of a directory, and where the next ones are.
    public struct ListingPage: Sendable {
        /// In no particular order; a page may be empty without being the last.
        public let children: [ObjectChild]
        /// nil on the last page.
        public let next: ListingToken?
    }

    /// One page of the entries of a directory, as large as the store makes its pages.
    ///
    /// Throws `notFound` where there is no directory.
    public func list(_ path: [String], after token: ListingToken? = nil) async throws(ProviderError) -> ListingPage {
        var listing: Listing
        if let token {
            listing = token.listing
        } else {
            listing = try await begin(path)
        }
        let asked = recent.uptime()
        let page = try await service.page(of: bucket, prefix: listing.folder.prefix, after: listing.storeToken)
        if listing.folder.pieces.isEmpty {
            listing.start = pages.note(page, of: listing.folder.prefix, after: listing.start, asked: asked)
        }
        let children = await listing.take(page, asked: asked, in: self)
        if token == nil, page.next == nil, children.isEmpty, !listing.hasMarker, !listing.folder.isRoot,
            try await directory(listing.folder) == nil
        {
            throw Self.notFound(path)
        }
        return ListingPage(children: children, next: page.next == nil ? nil : ListingToken(listing: listing))
    }

    /// Gives the entries of a directory a page at a time to `body`, which ends it by giving `false`; never holds more
    /// than one page.
    public func forEachPage(
        of path: [String], _ body: ([ObjectChild]) async throws(ProviderError) -> Bool
    ) async throws(ProviderError) {
        var token: ListingToken?
        repeat {
            let page = try await list(path, after: token)
            guard try await body(page.children) else { return }
            token = page.next
        } while token != nil
    }

    private func begin(_ path: [String]) async throws(ProviderError) -> Listing {
        guard let folder = Location(path)?.folder, folder.prefix.utf8.count <= Limits.key else {
            throw Self.notFound(path)
        }
        let changes = await changes(below: folder.prefix)
        return Listing(folder: folder, changes: changes, kept: recent.keptDirectories(below: folder.prefix))
    }

    static func notFound(_ path: [String]) -> ProviderError {
        ProviderError(.notFound, "there is no \(path.joined(separator: "/"))")
    }
}
