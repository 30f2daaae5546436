// The first byte says how the rest is cut, and what it is: requests of a client to a store, or
// answers of a server to a reader. Requests are the same however they are cut, come back from
// encode, and cost no more memory than the limits say; nothing that a server answers makes a reader
// send what changes a store.

#include <toolkit/rendezvous/store_reader.hpp>

#include <src/rendezvous/key_store.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace toolkit;
using namespace toolkit::rendezvous;
using Step = RequestDecoder::Step;

namespace {

void require(bool truth) {
  if (!truth) {
    std::abort();
  }
}

struct Decoded {
  std::vector<Request> requests;
  std::string answers;
  Step end = Step::more;
  std::optional<Numbering> numbering;
};

Decoded decode(std::string_view bytes, std::size_t piece) {
  Decoded decoded;
  RequestDecoder decoder;
  KeyStore store;
  for (; !bytes.empty() && decoded.end == Step::more;
       bytes.remove_prefix(std::min(piece, bytes.size()))) {
    decoder.feed(bytes.substr(0, piece));
    while ((decoded.end = decoder.next()) == Step::request) {
      decoded.requests.push_back(decoder.request());
      (void)store.handle(1, decoder.request(), decoded.answers);
      (void)store.take_woken();
    }
    require(decoder.held() < 2 * kMaximumRequest);
  }
  store.forget(1);
  decoded.numbering = decoder.numbering();
  return decoded;
}

void check_requests(std::string_view bytes, std::size_t piece) {
  const Decoded whole = decode(bytes, std::max<std::size_t>(bytes.size(), 1));
  const Decoded pieces = decode(bytes, piece);
  require(whole.requests.size() == pieces.requests.size() && whole.answers == pieces.answers &&
          whole.end == pieces.end);
  std::string again(whole.numbering == Numbering::validated ? safe_probe().substr(0, 5) : "");
  for (const Request& request : whole.requests) {
    again += encode(*whole.numbering, request);
  }
  require(whole.requests.empty() || bytes.starts_with(again));
}

/// Answers each thing that it is sent with the next piece of the input.
class Answering : public net::Stream {
 public:
  Answering(std::string_view& input, std::string& sent) : input_(input), sent_(sent) {}
  State state() const override { return state_; }
  const net::Trouble& trouble() const override { return trouble_; }
  std::string peer() const override { return "fuzz"; }
  void collect(std::vector<pollfd>& /*entries*/) const override {}
  SteadyTime next_deadline() const override { return SteadyTime::max(); }
  std::string& inbox() override { return inbox_; }
  void send(std::string_view bytes) override { sent_ = bytes; }
  void advance(std::span<const pollfd> /*entries*/, SteadyTime /*now*/) override {
    if (input_.empty() || state_ == State::failed) {
      return;
    }
    const auto length = static_cast<unsigned char>(input_[0]);
    input_.remove_prefix(1);
    if (length == 0xFF) {
      state_ = State::failed;
      trouble_ = {net::Cause::closed, "closed"};
      return;
    }
    inbox_ += input_.substr(0, length);
    input_.remove_prefix(std::min<std::size_t>(length, input_.size()));
  }

 private:
  std::string_view& input_;
  std::string& sent_;
  State state_ = State::open;
  net::Trouble trouble_;
  std::string inbox_;
};

bool is_harmless(const std::string& sent) {
  if (sent.empty() || sent == safe_probe()) {
    return true;
  }
  for (const Numbering numbering : {Numbering::early, Numbering::plain, Numbering::validated}) {
    if (numbering != Numbering::validated && sent == old_probe(numbering)) {
      return true;
    }
    for (const Request& request :
         {Request{Command::check, {"init/"}, 0}, Request{Command::get, {"init/"}, 0},
          Request{Command::get_num_keys, {}, 0}}) {
      if (sent == encode(numbering, request)) {
        return true;
      }
    }
  }
  return false;
}

void check_answers(std::string_view input) {
  const SteadyTime until{std::chrono::seconds(1)};
  std::string sent;
  StoreReader reader(
      {"store", 1}, [&](const net::Endpoint&) { return std::make_unique<Answering>(input, sent); });
  while (!input.empty()) {
    reader.begin(until);
    for (int i = 0; i < 64 && !reader.take(); ++i) {
      reader.advance({}, SteadyTime{});
      require(is_harmless(sent));
    }
    reader.advance({}, until);
    (void)reader.take();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 2 == 0) {
    check_requests(input, 1 + data[0] / 2U % 16U);
  } else {
    check_answers(input);
  }
  return 0;
}
