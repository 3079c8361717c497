import Inventory
import ProviderAPI

extension Answer {
    /// The value or the error, waiting where that takes waiting.
    func outcome() async -> Result<Value, ProviderError> {
        do throws(ProviderError) {
            return .success(try await value())
        } catch {
            return .failure(error)
        }
    }
}
