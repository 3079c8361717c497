// LibvirtKit
