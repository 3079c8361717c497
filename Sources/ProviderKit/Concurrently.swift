public import ProviderAPI

extension Array where Element: Sendable {
    /// Does something for all at once, and gives the results in order. The first error ends it.
    public func concurrently<Result: Sendable>(
        _ body: @escaping @Sendable (Element) async throws(ProviderError) -> Result
    ) async throws(ProviderError) -> [Result] {
        do {
            return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
                for (index, element) in enumerated() { group.addTask { (index, try await body(element)) } }
                var results: [(Int, Result)] = []
                for try await result in group { results.append(result) }
                return results.sorted { $0.0 < $1.0 }.map(\.1)
            }
        } catch {
            throw ProviderError(wrapping: error)
        }
    }
}
