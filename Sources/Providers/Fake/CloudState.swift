import ProviderAPI

/// Everything that a cloud holds at one moment. Its methods check first and change after, so that what fails leaves
/// nothing half-done.
struct CloudState: Sendable {
    /// What time will bring to a machine.
    enum Step: Sendable {
        case booted, addressed, stopped
    }

    private struct Appointment: Sendable {
        var deadline: Duration
        var machine: VirtualMachine.ID
        var turn: Int32
        var step: Step
    }

    let options: FakeOptions
    let epoch: Int
    var random: Randomness
    private(set) var now: Duration = .zero
    private var agenda: [Appointment] = []
    private var events: [ProviderEvent] = []

    var machines = Shelf<Machine>()
    var volumes = Shelf<Volume>()
    var pools = Shelf<Plain<Pool>>()
    var networks = Shelf<NetworkRecord>()
    var subnets = Shelf<Plain<Subnet>>()
    var images = Shelf<ImageRecord>()
    var isos = Shelf<Plain<ISO>>()
    var flavors = Shelf<Plain<Flavor>>()
    var buckets = Shelf<BucketRecord>()
    var groups = Shelf<Plain<SecurityGroup>>()
    var zones = Shelf<Plain<DNSZone>>()
    /// Bytes of written content that are kept.
    var contentUsed = 0

    init(options: FakeOptions, epoch: Int) {
        self.options = options
        self.epoch = epoch
        random = Randomness(seed: options.seed)
    }

    /// Seconds since 1970.
    var wallTime: Int { epoch + Int(now.components.seconds) }

    /// Moves the time on and lets happen, in order, what was due until now.
    mutating func settle(now: Duration) {
        while let first = agenda.first, first.deadline <= now {
            let due = agenda.prefix { $0.deadline <= now }
            agenda.removeFirst(due.count)
            for appointment in due {
                self.now = max(self.now, appointment.deadline)
                happen(appointment.step, to: appointment.machine, turn: appointment.turn)
            }
        }
        self.now = max(self.now, now)
    }

    /// When something is due next.
    var nextDeadline: Duration? { agenda.first?.deadline }

    /// Plans a step for a machine, void when its power state changes before.
    mutating func plan(_ step: Step, for machine: Machine, in delay: Duration) {
        let deadline = now + delay
        var low = 0
        var high = agenda.count
        while low < high {
            let middle = (low + high) / 2
            if agenda[middle].deadline <= deadline { low = middle + 1 } else { high = middle }
        }
        let appointment = Appointment(deadline: deadline, machine: machine.facts.id, turn: machine.turn, step: step)
        agenda.insert(appointment, at: low)
    }

    mutating func emit<R: Resource>(_ id: Identifier<R>, _ detail: String) {
        events.append(ProviderEvent(.resource(R.kind, id: id.rawValue), detail: detail))
    }

    mutating func takeEvents() -> [ProviderEvent] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    /// Refuses a name that no resource can have.
    static func check(name: String) throws(ProviderError) {
        guard !name.isEmpty else { throw ProviderError(.invalidValue, "the name is empty: give one") }
        guard name.utf8.count <= 255 else { throw ProviderError(.nameTooLong, "the name is longer than 255 bytes") }
        guard !name.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
            throw ProviderError(.invalidValue, "the name holds a control character: leave it out")
        }
    }

    /// Refuses a name that is taken or that cannot be.
    static func checkNew<Item>(_ name: String, on shelf: Shelf<Item>) throws(ProviderError) {
        try check(name: name)
        guard !shelf.has(name: name) else {
            throw ProviderError(
                .alreadyExists, "there is a \(Item.Facts.kind.singular) named \(name) already: choose another name")
        }
    }

    /// One that a value names, or `invalidValue`.
    static func named<Item>(_ name: String, on shelf: Shelf<Item>) throws(ProviderError) -> Item {
        guard let item = shelf.find(name) else {
            throw ProviderError(
                .invalidValue, "there is no \(Item.Facts.kind.singular) named \(name): name one that exists")
        }
        return item
    }
}
