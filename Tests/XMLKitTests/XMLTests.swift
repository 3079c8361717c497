import Testing
import XMLKit

struct XMLTests {
    @Test(arguments: [
        "<a/>", "<a b='c'/>", "<a><b>x &amp; y &lt;z&gt;</b><!-- kept --><?pi kept?></a>",
        "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-x'/></qemu:commandline>",
        "<a b='it&apos;s &quot;q&quot; &lt;&amp;&gt;&#10;'>\n  <b/>\n  text\n</a>", "<ü ä='ö'>名前</ü>",
    ])
    func isWrittenBackAsItWas(document: String) throws {
        #expect(try XMLElement(parsing: document).description == document)
    }

    @Test func prologAndReferences() throws {
        let element = try XMLElement(
            parsing: "<?xml version='1.0'?>\n<!-- x -->\n<a b=\"&#x41;&#66;\"><![CDATA[<&>]]></a>\n")
        #expect(element["b"] == "AB")
        #expect(element.text == "<&>")
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a b=c/>", "<a b='c/>", "<a>&nbsp;</a>", "<a>&</a>", "<!DOCTYPE a><a/>", "<a",
        "<a><!-- </a>", "< a/>", String(repeating: "<a>", count: 100_000),
    ])
    func malformedIsRefused(document: String) {
        #expect(throws: XMLError.self) { try XMLElement(parsing: document) }
    }

    @Test func elementsAreFoundByTheirPath() throws {
        let element = try XMLElement(
            parsing: "<d><a><b>1</b><c/></a>text<a><b> 2\n</b><x:b/></a><b>0</b><a/><e>\u{301} <!-- x -->é </e></d>")
        #expect(element.all("a/b").map(\.text) == ["1", "2"])
        #expect(element.all("a").count == 3 && element.all("a/b/c").isEmpty && element.all("b/").map(\.text) == ["0"])
        #expect(element.all("") == [element])
        #expect(element.first("a/c")?.name == "c" && element.first("c") == nil && element.text("a/x:b") == nil)
        #expect(element.text("e") == "\u{301} é")
    }

    @Test func changesTouchNothingElse() throws {
        var element = try XMLElement(parsing: "<d><x:odd xmlns:x='u'><y/></x:odd><v a='1'>2</v><v>3</v></d>")
        element.update("v") { $0.text = "4" }
        element.set(XMLElement("w", text: "5"))
        element.removeAll { $0.name == "v" && $0.text == "3" }
        #expect(element.description == "<d><x:odd xmlns:x='u'><y/></x:odd><v a='1'>4</v><w>5</w></d>")
    }
}
