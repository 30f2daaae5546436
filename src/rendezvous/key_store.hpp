#pragma once
// The keys of a TCPStore and who waits for them: what a request does, and what is answered. Knows
// nothing of sockets.

#include "frame.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::rendezvous {

class KeyStore {
 public:
  using Client = std::uint64_t;

  /// Keys and values together; beyond it a request that adds is refused. A gloo job of two ranks
  /// holds a few KiB.
  static constexpr std::size_t kMaximumBytes = 256U << 20U;
  /// Of one answer, which multi_get could make as large as it likes.
  static constexpr std::size_t kMaximumAnswer = 32U << 20U;

  /// Carries out a request and appends its answer. False: the client is to be closed, which is how
  /// a TCPStore says that something is wrong (a get of a missing key, an add to no number).
  [[nodiscard]] bool handle(Client client, Request request, std::string& answer);
  /// The clients whose wait has come to its end since the last call: each is owed one byte 0.
  [[nodiscard]] std::vector<Client> take_woken();
  /// Of a client that has gone.
  void forget(Client client);

  void put(const std::string& key, std::string value);
  /// Adds to a number, as the command does; the sum. Nothing when it is none, or would overflow.
  std::optional<std::int64_t> add(const std::string& key, std::int64_t amount);
  [[nodiscard]] const std::string* find(const std::string& key) const;
  /// Memory of the keys and of the waits, with what the containers need about it.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  [[nodiscard]] bool has_all(const std::vector<std::string>& keys) const;
  [[nodiscard]] bool has_room(const Request& request) const;
  void put_all(std::vector<std::string> words);
  bool append(const std::string& key, const std::string& more);
  bool append_existing(const std::vector<std::string>& keys, std::string& answer) const;
  void compare_set(Request& request, std::string& answer);
  void begin_wait(Client client, std::vector<std::string> keys, std::string& answer);
  void end_wait(Client client);
  void wake(const std::string& key);
  bool erase(const std::string& key);

  std::map<std::string, std::string> values_;
  std::map<std::string, std::set<Client>> waiters_;  // of a missing key
  std::map<Client, std::set<std::string>> waits_;    // the missing keys of a client
  std::vector<Client> woken_;
  std::size_t bytes_ = 0;
};

}  // namespace toolkit::rendezvous
