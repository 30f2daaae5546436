#pragma once
// A connection to a TCPStore of any release, found out by how it behaves, never by what it says it
// is (pytorch/pytorch#119769). See frame.hpp for what is sent and why it does no harm.

#include "frame.hpp"

#include <toolkit/base/duration.hpp>
#include <toolkit/rendezvous/connect.hpp>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace toolkit::rendezvous {

class StoreClient {
 public:
  enum class State {
    closed,
    asking,  // connecting, and finding out which dialect is spoken
    ready,
    failed
  };

  StoreClient(net::Endpoint endpoint, Connect connect);

  /// Begins on a fresh connection, with a fresh look-up of the name.
  void open();
  void close();
  /// Of ready: queues a request. The stream sends it in one piece.
  void send(const Request& request);
  /// What was answered, after the dialect is known; the reader takes it out.
  [[nodiscard]] std::string& inbox() { return stream_->inbox(); }

  [[nodiscard]] State state() const { return state_; }
  /// Of failed: it was reached, and does not speak as a store does. Else trouble() says why.
  [[nodiscard]] bool is_no_store() const { return no_store_; }
  [[nodiscard]] const net::Trouble& trouble() const { return trouble_; }
  /// Of asking: it has been reached, and has not said a word.
  [[nodiscard]] bool is_connected() const;

  void collect(std::vector<pollfd>& entries) const;
  [[nodiscard]] SteadyTime next_deadline() const;
  void advance(std::span<const pollfd> entries, SteadyTime now);

 private:
  void ask(Numbering numbering);
  void hear();
  void take_counts(std::size_t wanted);
  void fail(bool no_store);

  net::Endpoint endpoint_;
  Connect connect_;
  std::unique_ptr<net::Stream> stream_;
  State state_ = State::closed;
  Numbering numbering_ = Numbering::validated;
  bool connected_ = false;
  bool ended_ = false;  // what came before the end has been offered once
  bool no_store_ = false;
  net::Trouble trouble_;
};

}  // namespace toolkit::rendezvous
