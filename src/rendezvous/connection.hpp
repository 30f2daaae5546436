#pragma once
// One client of the barrier: its socket, what came and is not a whole request yet, and the answers
// that it has not taken yet.

#include "frame.hpp"
#include "key_store.hpp"

#include <toolkit/base/unique_fd.hpp>

#include <cstdint>
#include <string>

namespace toolkit::rendezvous {

class Connection {
 public:
  Connection(KeyStore::Client id, UniqueFd fd);

  [[nodiscard]] KeyStore::Client id() const { return id_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

  /// Reads once, at most 64 KiB. False at the end of the stream or on an error.
  [[nodiscard]] bool read();
  /// Carries out what has come while its answers are taken, at most about 1 MiB of them in one
  /// turn: others have a right too. False: to be closed.
  [[nodiscard]] bool serve(KeyStore& store);
  /// Its wait is over.
  [[nodiscard]] bool wake();

  /// For poll: EPOLLIN, EPOLLOUT or both. Nothing more is read while answers are not taken.
  [[nodiscard]] std::uint32_t interest() const;
  /// Memory that it holds.
  [[nodiscard]] std::size_t held() const { return decoder_.held() + outbox_.capacity(); }
  /// It has made a whole request: no port scan, no idle socket.
  [[nodiscard]] bool is_known() const { return known_; }
  /// What it has added to `init/`.
  [[nodiscard]] std::int64_t joined() const { return joined_; }

  std::uint32_t polled_for = 0;  // kept by the server: what the kernel was told

 private:
  [[nodiscard]] bool flush();
  [[nodiscard]] bool carry_out(KeyStore& store);

  KeyStore::Client id_;
  UniqueFd fd_;
  RequestDecoder decoder_;
  std::string outbox_;
  std::size_t sent_ = 0;
  bool unfinished_ = false;  // whole requests may be left, for the next turn
  bool known_ = false;
  std::int64_t joined_ = 0;
};

}  // namespace toolkit::rendezvous
