#pragma once
// Who has a local TCP port, as /proc shows it (proc(5), Documentation/networking/proc_net_tcp.rst
// in the kernel's sources).

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::probe {

/// A socket of /proc/net/tcp or tcp6.
struct LocalSocket {
  std::string address;  // "0.0.0.0", "::", "192.0.2.1"
  std::uint16_t port = 0;
  unsigned state = 0;       // include/net/tcp_states.h: 1 established, 6 TIME_WAIT, 10 listen
  unsigned long inode = 0;  // 0: nobody's any more (TIME_WAIT)
};
constexpr unsigned kEstablished = 1, kTimeWait = 6, kListening = 10;

/// A line of /proc/net/tcp{,6}; nothing for the heading and for what is none.
[[nodiscard]] std::optional<LocalSocket> parse_socket(std::string_view line);
/// The sockets with this local port, listeners first. Nothing when /proc/net cannot be read.
[[nodiscard]] std::optional<std::vector<LocalSocket>> sockets_on(std::uint16_t port);

/// A process that has the socket open; pid 0 when none can be seen: another user's (only root and
/// the user itself may look), another PID namespace's, or gone.
struct Holder {
  pid_t pid = 0;
  std::string program;  // comm, at most 15 bytes
};
[[nodiscard]] Holder find_holder(unsigned long inode);

}  // namespace toolkit::probe
