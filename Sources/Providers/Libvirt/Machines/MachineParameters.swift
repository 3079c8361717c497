import ProviderAPI

/// What creation of a machine takes here.
enum MachineParameters {
    static let all: [Parameter] = []
}
