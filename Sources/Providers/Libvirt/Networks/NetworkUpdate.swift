import LibvirtKit
import ProviderAPI
import XMLKit

/// The difference between two documents of a network, as far as libvirt can carry it out while the network runs.
struct NetworkUpdate {
    /// One element that goes or comes.
    private struct Step {
        var section: LibvirtKit.Network.Section
        var command: LibvirtKit.Network.UpdateCommand
        /// The number of the `ip` element it is in; -1 for none.
        var parent: Int
        var element: XMLElement

        var reversed: Step {
            Step(section: section, command: command == .add ? .delete : .add, parent: parent, element: element)
        }

        func perform(on network: LibvirtKit.Network, _ impact: LibvirtKit.Network.Impact) throws(LibvirtError) {
            var sent = element
            // libvirt looks for a host by its address or any of its names, and takes two that match for an error.
            if section == .dnsHost, command == .delete { sent.children = [] }
            try network.update(command, section, sent.description, parent: parent, impact)
        }
    }

    private let steps: [Step]

    /// nil where the two differ in something that only a new start brings about.
    init?(from old: XMLElement, to new: XMLElement) {
        guard Self.skeleton(of: old) == Self.skeleton(of: new) else { return nil }
        let places = Self.places(old).merging(Self.places(new)) { first, _ in first }
        var removed: [Step] = []
        var added: [Step] = []
        for place in places.keys.sorted() {
            let before = Self.places(old)[place] ?? []
            let after = Self.places(new)[place] ?? []
            removed += before.filter { !after.contains($0) }.map {
                Step(section: place.section, command: .delete, parent: place.parent, element: $0)
            }
            added += after.filter { !before.contains($0) }.map {
                Step(section: place.section, command: .add, parent: place.parent, element: $0)
            }
        }
        steps = removed + added
    }

    /// All of it or nothing: what was done before a step that fails is undone.
    func perform(on network: LibvirtKit.Network, _ impact: LibvirtKit.Network.Impact) throws(LibvirtError) {
        var done: [Step] = []
        do throws(LibvirtError) {
            for step in steps {
                try step.perform(on: network, impact)
                done.append(step)
            }
        } catch {
            undo(done, on: network, impact)
            throw error
        }
    }

    /// Takes all of it back.
    func undo(on network: LibvirtKit.Network, _ impact: LibvirtKit.Network.Impact) {
        undo(steps, on: network, impact)
    }

    /// The failure that led here is the one to tell.
    private func undo(_ done: [Step], on network: LibvirtKit.Network, _ impact: LibvirtKit.Network.Impact) {
        for step in done.reversed() { _ = try? step.reversed.perform(on: network, impact) }
    }

    // MARK: Documents

    /// Whether two documents have the same in all that an update changes.
    static func areSame(_ first: XMLElement, _ second: XMLElement) -> Bool {
        places(first).mapValues { $0.map(\.canonical) } == places(second).mapValues { $0.map(\.canonical) }
    }

    private struct Place: Hashable, Comparable {
        var section: LibvirtKit.Network.Section
        var parent: Int

        static func < (left: Place, right: Place) -> Bool {
            (left.order, left.parent) < (right.order, right.parent)
        }

        private var order: Int { LibvirtKit.Network.Section.allCases.firstIndex(of: section) ?? 0 }
    }

    private static let networkSections: [(path: [String], section: LibvirtKit.Network.Section)] = [
        (["forward", "interface"], .forwardInterface), (["portgroup"], .portgroup), (["dns", "host"], .dnsHost),
        (["dns", "txt"], .dnsText), (["dns", "srv"], .dnsService),
    ]
    private static let addressSections: [(path: [String], section: LibvirtKit.Network.Section)] = [
        (["dhcp", "range"], .dhcpRange), (["dhcp", "host"], .dhcpHost),
    ]

    /// The elements of each section.
    private static func places(_ network: XMLElement) -> [Place: [XMLElement]] {
        var places: [Place: [XMLElement]] = [:]
        for (path, section) in networkSections {
            places[Place(section: section, parent: -1)] = network.all(path.joined(separator: "/"))
        }
        for (index, ip) in network.all("ip").enumerated() {
            for (path, section) in addressSections {
                places[Place(section: section, parent: index)] = ip.all(path.joined(separator: "/"))
            }
        }
        return places
    }

    /// What is left without the sections: if that differs, an update cannot bring the change about.
    private static func skeleton(of network: XMLElement) -> XMLElement {
        var rest = without(networkSections.map(\.path), network)
        for child in rest.children.indices {
            guard case .element(let ip) = rest.children[child], ip.name == "ip" else { continue }
            rest.children[child] = .element(without(addressSections.map(\.path), ip))
        }
        return rest
    }

    /// Without the elements of those paths, the space around, and what has become empty.
    private static func without(_ paths: [[String]], _ element: XMLElement) -> XMLElement {
        var rest = element
        rest.children = element.children.compactMap { child in
            guard case .element(var part) = child else {
                if case .text(let text) = child, text.allSatisfy(\.isWhitespace) { return nil }
                return child
            }
            if paths.contains([part.name]) { return nil }
            let deeper = paths.filter { $0.count > 1 && $0[0] == part.name }.map { Array($0.dropFirst()) }
            guard !deeper.isEmpty else { return child }
            part = without(deeper, part)
            let isEmpty = part.children.isEmpty && part.attributes.isEmpty && ["dhcp", "dns"].contains(part.name)
            return isEmpty ? nil : .element(part)
        }
        return rest
    }
}
