import ProviderAPI

/// Every type of provider, by its name.
let allProviders: [ProviderRegistration] = []
