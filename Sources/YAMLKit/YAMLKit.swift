// YAMLKit
