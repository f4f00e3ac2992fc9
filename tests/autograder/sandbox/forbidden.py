"""Numbers of system calls that student code must not make, from the kernel's headers (``test_syscalls`` compares them)."""

from __future__ import annotations

# fmt: off
X86_64: dict[str, int] = {
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_open": 434, "pidfd_getfd": 438, "pidfd_send_signal":
    424, "kill": 62, "tkill": 200, "tgkill": 234, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "socket": 41, "socketpair":
    53, "connect": 42, "bind": 49, "listen": 50, "accept": 43, "accept4": 288, "setsockopt": 54, "io_uring_setup": 425,
    "io_uring_enter": 426, "io_uring_register": 427, "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root":
    155, "chroot": 161, "setuid": 105, "setgid": 106, "setreuid": 113, "setresuid": 117, "setresgid": 119, "setgroups": 116,
    "setfsuid": 122, "capset": 126, "shmget": 29, "shmat": 30, "semget": 64, "semop": 65, "msgget": 68, "msgsnd": 69, "mq_open":
    240, "memfd_create": 319, "memfd_secret": 447, "flock": 73, "execve": 59, "execveat": 322, "fork": 57, "vfork": 58, "keyctl":
    250, "add_key": 248, "request_key": 249, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "personality": 135,
    "setrlimit": 160, "setpriority": 141, "sched_setaffinity": 203, "sched_setscheduler": 144, "inotify_init1": 294,
    "fanotify_init": 300, "chmod": 90, "fchmod": 91, "fchmodat": 268, "chown": 92, "fchown": 93, "fchownat": 260, "lchown": 94,
    "link": 86, "linkat": 265, "mknod": 133, "mknodat": 259, "acct": 163, "reboot": 169, "swapon": 167, "init_module": 175,
    "finit_module": 313, "delete_module": 176, "kexec_load": 246, "quotactl": 179, "name_to_handle_at": 303, "open_by_handle_at":
    304, "landlock_create_ruleset": 444, "seccomp": 317, "prctl": 157, "truncate": 76, "utimensat": 280, "setxattr": 188,
    "fsetxattr": 190, "removexattr": 197, "fallocate": 285, "splice": 275, "tee": 276, "vmsplice": 278, "sendfile": 40,
    "copy_file_range": 326, "timer_create": 222, "timerfd_create": 283, "signalfd4": 289, "clock_settime": 227, "settimeofday":
    164, "adjtimex": 159, "sethostname": 170, "setdomainname": 171, "syslog": 103, "mlock": 149, "mlockall": 151, "set_mempolicy":
    238, "mbind": 237, "migrate_pages": 256, "move_pages": 279, "kcmp": 312, "iopl": 172, "ioperm": 173, "modify_ldt": 154,
    "uselib": 134, "ustat": 136, "sync": 162, "syncfs": 306, "vhangup": 153, "umask": 95, "setsid": 112, "setpgid": 109,
    "process_madvise": 440, "pkey_alloc": 330, "fsopen": 430, "fsmount": 432, "open_tree": 428, "move_mount": 429,
    "mount_setattr": 442, "process_mrelease": 448, "futex_waitv": 449, "membarrier": 324, "get_robust_list": 274, "io_setup": 206,
    "remap_file_pages": 216,
}

AARCH64: dict[str, int] = {
    "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_open": 434, "pidfd_getfd": 438, "pidfd_send_signal":
    424, "kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "socket": 198, "socketpair":
    199, "connect": 203, "bind": 200, "listen": 201, "accept": 202, "accept4": 242, "setsockopt": 208, "io_uring_setup": 425,
    "io_uring_enter": 426, "io_uring_register": 427, "unshare": 97, "setns": 268, "mount": 40, "umount2": 39, "pivot_root": 41,
    "chroot": 51, "setuid": 146, "setgid": 144, "setreuid": 145, "setresuid": 147, "setresgid": 149, "setgroups": 159, "setfsuid":
    151, "capset": 91, "shmget": 194, "shmat": 196, "semget": 190, "semop": 193, "msgget": 186, "msgsnd": 189, "mq_open": 180,
    "memfd_create": 279, "memfd_secret": 447, "flock": 32, "execve": 221, "execveat": 281, "keyctl": 219, "add_key": 217,
    "request_key": 218, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "personality": 92, "setrlimit": 164,
    "setpriority": 140, "sched_setaffinity": 122, "sched_setscheduler": 119, "inotify_init1": 26, "fanotify_init": 262, "fchmod":
    52, "fchmodat": 53, "fchown": 55, "fchownat": 54, "linkat": 37, "mknodat": 33, "acct": 89, "reboot": 142, "swapon": 224,
    "init_module": 105, "finit_module": 273, "delete_module": 106, "kexec_load": 104, "quotactl": 60, "landlock_create_ruleset":
    444, "seccomp": 277, "prctl": 167, "truncate": 45, "utimensat": 88, "setxattr": 5, "fsetxattr": 7, "removexattr": 14,
    "fallocate": 47, "splice": 76, "tee": 77, "vmsplice": 75, "sendfile": 71, "copy_file_range": 285, "timer_create": 107,
    "timerfd_create": 85, "signalfd4": 74, "clock_settime": 112, "settimeofday": 170, "adjtimex": 171, "sethostname": 161,
    "setdomainname": 162, "syslog": 116, "mlock": 228, "mlockall": 230, "set_mempolicy": 237, "mbind": 235, "migrate_pages": 238,
    "move_pages": 239, "kcmp": 272, "sync": 81, "syncfs": 267, "vhangup": 58, "umask": 166, "setsid": 157, "setpgid": 154,
    "process_madvise": 440, "pkey_alloc": 289, "fsopen": 430, "fsmount": 432, "open_tree": 428, "move_mount": 429,
    "mount_setattr": 442, "process_mrelease": 448, "futex_waitv": 449, "membarrier": 283, "get_robust_list": 100, "io_setup": 0,
    "remap_file_pages": 234,
}
# fmt: on
