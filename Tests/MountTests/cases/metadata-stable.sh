# Inode, times and size stay while nothing changes, also past the refresh interval (M1).
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo:
    type: fake
    cache: 500ms
Y
list() { find "$P/vms" "$P/networks" "$P/host" ! -name events -printf '%i %T@ %C@ %s %p\n' | sort; }
list > before
sleep 1.2
echo x > "$P/refresh"
list > after
diff before after
