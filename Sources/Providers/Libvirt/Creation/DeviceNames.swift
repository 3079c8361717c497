import ProviderAPI

/// The names that the disks and drives of a machine to be will have in its definition, and the order to boot from them.
struct DeviceNames {
    let disks: [String]
    /// CD drives, the last one for the first boot's disc where there is one.
    let drives: [String]
    let diskOrders: [Int?]
    let driveOrders: [Int?]
    let interfaceOrders: [Int?]

    /// `invalidValue` where `boot` names what is not there.
    init(_ wish: MachineWish, driveBus: String) throws(ProviderError) {
        var used: Set<String> = []
        func name(_ bus: String, _ wish: String?) throws(ProviderError) -> String {
            let name = try DiskName.free(bus: bus, wish: wish, except: used)
            used.insert(name)
            return name
        }
        let disks = try wish.disks.map { disk throws(ProviderError) in try name(disk.bus, disk.name) }
        let count = wish.media.count + (wish.firstBoot == nil ? 0 : 1)
        let drives = try (0..<count).map { _ throws(ProviderError) in try name(driveBus, nil) }
        var rest = wish.firmware.namesDevices ? wish.firmware.boot : []
        let words = rest
        func order(_ names: [String], _ own: Int?) -> Int? {
            guard let word = words.first(where: names.contains) else { return own }
            rest.removeAll { $0 == word }
            return words.firstIndex(of: word).map { $0 + 1 }
        }
        diskOrders = zip(disks, wish.disks).map { order([$0, $1.name], $1.order) }
        driveOrders = drives.indices.map { order([drives[$0]] + ($0 == 0 && !wish.media.isEmpty ? ["iso"] : []), nil) }
        interfaceOrders = wish.interfaces.map { order([$0.name], $0.order) }
        (self.disks, self.drives) = (disks, drives)
        guard rest.isEmpty else {
            throw ProviderError(
                .invalidValue,
                "boot: there is no device \(rest.joined(separator: ", ")): name one of "
                    + (disks + drives + wish.interfaces.map(\.name)).joined(separator: ", "))
        }
    }
}
