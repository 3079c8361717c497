// infrafs
