import ProviderKit
import Testing

@Suite struct AddressRangeTests {
    @Test func rangesHoldOneAnother() throws {
        let wide = try #require(AddressRange("10.0.0.0/8"))
        let narrow = try #require(AddressRange("10.16.0.0/24"))
        #expect(wide.contains(narrow) && !narrow.contains(wide) && wide.overlaps(narrow))
        #expect(wide.contains(address: "10.255.0.1") && !wide.contains(address: "11.0.0.1"))
        #expect(try !wide.overlaps(#require(AddressRange("2001:db8::/32"))))
    }

    @Test func partsAndAddressesAreCounted() throws {
        let range = try #require(AddressRange("10.0.0.0/16"))
        #expect(range.parts(prefix: 24, limit: 3).map(\.description) == ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"])
        #expect(range.parts(prefix: 16).map(\.description) == ["10.0.0.0/16"])
        #expect(range.address(1) == "10.0.0.1" && range.address(256) == "10.0.1.0")
    }

    @Test(arguments: [
        "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "a/8", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "10.0.0.0/+8",
    ])
    func whatIsNoRangeIsNil(_ text: String) {
        #expect(AddressRange(text) == nil)
    }
}
