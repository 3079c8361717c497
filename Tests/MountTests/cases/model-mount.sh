# Random operations through the mount do what a small model says; the seed is printed, and MODEL_SEED gives it again.
# Limit: 120 s
source "$LIB/case.sh"
mount_config <<'Y'
providers:
  demo: {type: fake, vms: 0, boot_time: 0, stop_time: 0}
Y
for seed in ${MODEL_SEED:-1 2 $RANDOM}; do
    for name in "$P"/vms/*; do [ ! -e "$name" ] || { echo down > "$name/status"; rmdir "$name"; }; done
    echo "seed $seed"
    "$LIB/model" "$P" "$seed" "${MODEL_STEPS:-400}"
done
