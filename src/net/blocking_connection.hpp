#pragma once
// A connection that is written to and read from by one thread at a time, which waits. For bodies:
// what is sent goes to the kernel from where it lies, without the queues that a Stream keeps.

#include "tls.hpp"

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/net/stream.hpp>

#include <tl/expected.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::net {

/// Why it does not go on: trouble, or the stop descriptor.
struct Break {
  Trouble trouble;
  bool interrupted = false;
};

struct Patience {
  Milliseconds silence{0};
  int stop_fd = -1;
};

class BlockingConnection {
 public:
  /// Looks the name up and connects, until `deadline`.
  [[nodiscard]] static tl::expected<std::unique_ptr<BlockingConnection>, Break> open(
      const Endpoint& endpoint, Patience patience, SteadyTime deadline);
  /// From here on all is encrypted; the certificate must be for `host`.
  [[nodiscard]] std::optional<Break> start_tls(const TlsOptions& options, const std::string& host,
                                               SteadyTime deadline);

  /// Sends all of both, in one system call as far as the kernel takes it, and gives the number of
  /// bytes. Less than all when the peer has said something meanwhile, which is in the inbox then.
  using Written = tl::expected<std::size_t, Break>;
  [[nodiscard]] Written write(std::string_view head, std::string_view body);

  enum class Came { bytes, end, nothing };
  /// Appends what comes to the inbox. Waits until `deadline`, where there is one, and `nothing` has
  /// come then; else for as long as a peer may be silent.
  [[nodiscard]] tl::expected<Came, Break> read(std::optional<SteadyTime> deadline = {});
  [[nodiscard]] std::string& inbox() { return inbox_; }

  /// Neither closed nor with bytes that nobody asked for: good for another request.
  [[nodiscard]] bool is_idle();

 private:
  BlockingConnection(UniqueFd fd, Patience patience);
  [[nodiscard]] Written write_plain(std::string_view head, std::string_view body);
  [[nodiscard]] Written write_encrypted(std::string_view head, std::string_view body);
  [[nodiscard]] std::optional<Break> flush(SteadyTime deadline);
  [[nodiscard]] std::optional<Break> make_room(int error, SteadyTime deadline);
  void acknowledge() const;
  [[nodiscard]] tl::expected<Came, Break> receive();
  [[nodiscard]] SteadyTime end_of_silence() const;

  UniqueFd fd_;
  Patience patience_;
  std::unique_ptr<Tls> tls_;
  std::string wire_;  // encrypted, and not yet sent
  std::string inbox_;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace toolkit::net
