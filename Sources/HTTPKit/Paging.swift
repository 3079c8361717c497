/// Why a server's pages cannot be read to their end.
public enum PagingFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// A page names one that was there before as the next: it would go on for ever.
    case repeatedPage
    /// There are more pages than anybody expects.
    case tooManyPages(limit: Int)

    /// For people.
    public var description: String {
        switch self {
        case .repeatedPage: "the server's pages go round in a circle"
        case .tooManyPages(let limit): "the server has more than \(limit) pages"
        }
    }
}

/// The items of all pages, one page after the other. `page` gets nil for the first, then what the page before named.
///
/// - Throws: what `page` throws, and what `failing` makes of a server whose pages never end.
public func allPages<Item, Token: Hashable, Failure: Error>(
    atMost limit: Int = 10_000, failing: (PagingFault) -> Failure,
    _ page: (Token?) async throws(Failure) -> (items: [Item], next: Token?)
) async throws(Failure) -> [Item] {
    var (items, next) = try await page(nil)
    var seen: Set<Token> = []
    while let token = next {
        guard seen.insert(token).inserted else { throw failing(.repeatedPage) }
        guard seen.count < limit else { throw failing(.tooManyPages(limit: limit)) }
        let (more, following) = try await page(token)
        items += more
        next = following
    }
    return items
}
