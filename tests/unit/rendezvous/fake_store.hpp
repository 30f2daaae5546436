#pragma once
// Stores of every dialect, and things that are none, in the place of a connection. Each send() must
// be made of whole requests, since an old store stops for everybody at half a one.

#include <toolkit/rendezvous/connect.hpp>

#include <doctest/doctest.h>
#include <src/rendezvous/key_store.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::rendezvous {

struct FakeStore {
  enum class Manner { early, plain, validated, silent, text, refusing, closing };
  explicit FakeStore(Manner as = Manner::validated) : manner(as) {}

  Manner manner;
  KeyStore keys;
  int connections = 0;
  bool down = false;               // an open connection breaks at the next look
  std::optional<Command> swallow;  // taken, and not answered
  std::vector<Command> commands;

  [[nodiscard]] Connect connect();
};

class FakeStream : public net::Stream {
 public:
  explicit FakeStream(FakeStore& store) : store_(store), id_(++store.connections) {
    using enum FakeStore::Manner;
    if (store.manner == refusing) {
      fail(net::Cause::refused, "connection refused");
    } else {
      state_ = State::open;
    }
  }
  ~FakeStream() override { store_.keys.forget(id_); }

  State state() const override { return state_; }
  const net::Trouble& trouble() const override { return trouble_; }
  std::string peer() const override { return "fake"; }
  void collect(std::vector<pollfd>& /*entries*/) const override {}
  SteadyTime next_deadline() const override { return SteadyTime::max(); }
  std::string& inbox() override { return inbox_; }

  void send(std::string_view bytes) override { outbox_ += bytes; }

  void advance(std::span<const pollfd> /*entries*/, SteadyTime /*now*/) override {
    if (state_ != State::open) {
      return;
    }
    if (store_.down) {
      fail(net::Cause::closed, "closed by the server");
      return;
    }
    const std::string bytes = std::exchange(outbox_, "");
    answer(bytes);
    for (const auto client : store_.keys.take_woken()) {
      REQUIRE(client == id_);
      inbox_ += '\0';
    }
  }

 private:
  void fail(net::Cause cause, std::string words) {
    state_ = State::failed;
    trouble_ = {cause, std::move(words)};
  }

  // An old store cannot live with a length of eight bytes of some other request.
  bool resets(const std::string& bytes) const {
    using enum FakeStore::Manner;
    const bool old = store_.manner == plain || store_.manner == early;
    return store_.manner == closing || (old && bytes == safe_probe()) ||
           (store_.manner == early && bytes == old_probe(Numbering::plain));
  }

  // From the numbering of 1.7, a whole request or a probe, to that of 1.13.
  static std::string as_plain(std::string bytes) {
    constexpr std::string_view kPlain{"\0\2\3\4\5\6\x8", 7};
    const std::size_t count = bytes == old_probe(Numbering::early) ? bytes.size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
      bytes[i] = kPlain.at(static_cast<unsigned char>(bytes[i]));
    }
    return bytes;
  }

  void answer(const std::string& bytes) {
    using enum FakeStore::Manner;
    if (bytes.empty() || store_.manner == silent) {
      return;
    }
    if (store_.manner == text) {
      // As long as the answers to the probe of a dialect.
      inbox_ += "HTTP/1.1 400 Bad Request\r\nContent-Length: 00000000\r\n\r\n\r\n";
      REQUIRE(inbox_.size() == 56);
      fail(net::Cause::closed, "closed by the server");
      return;
    }
    if (resets(bytes)) {
      fail(net::Cause::closed, "connection reset by peer");
      return;
    }
    decoder_.feed(store_.manner == early ? as_plain(bytes) : bytes);
    auto step = decoder_.next();
    for (; step == RequestDecoder::Step::request; step = decoder_.next()) {
      const Command command = decoder_.request().command;
      store_.commands.push_back(command);
      if (command == store_.swallow) {
        continue;
      }
      if (!store_.keys.handle(id_, std::move(decoder_.request()), inbox_)) {
        fail(net::Cause::closed, "closed by the server");
        return;
      }
    }
    REQUIRE(step == RequestDecoder::Step::more);
    CHECK(decoder_.is_between());
    CHECK(decoder_.numbering() ==
          (store_.manner == validated ? Numbering::validated : Numbering::plain));
  }

  FakeStore& store_;
  KeyStore::Client id_;
  State state_ = State::connecting;
  net::Trouble trouble_;
  std::string inbox_, outbox_;
  RequestDecoder decoder_;
};

inline Connect FakeStore::connect() {
  return [this](const net::Endpoint&) { return std::make_unique<FakeStream>(*this); };
}

}  // namespace toolkit::rendezvous
