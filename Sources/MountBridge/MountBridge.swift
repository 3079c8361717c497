// MountBridge
