#pragma once
// The wire form of PyTorch's TCPStore (torch/csrc/distributed/c10d/TCPStore.cpp and its backends).
// A request is one byte and its fields, without a length in front. Integers are as the host has
// them, little-endian on x86-64 and arm64; a key or value is a 64-bit length and its bytes.
//
// The first byte's numbers changed with the releases; three numberings are spoken here:
//   early      1.7 (seen in its store): no compare_set, so that all from get on have one less.
//   plain      up to 2.0, and main of May to July 2023, which only added to it (#100383). Up to
//              get_num_keys also main from July 2023 on (#105014).
//   validated  2.2 and later (#107607): a connection begins with 0 and a magic number; 2.5 added
//              ping (#129985). Later ones append queues, list_keys and a barrier: not spoken.
// The few builds of August 2023 that put the magic before every request cannot be spoken to.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::rendezvous {

enum class Numbering { early, plain, validated };

enum class Command {
  set,           // key, value: no answer
  compare_set,   // key, expected, desired: the value that is there then
  get,           // key: its value; a missing key closes the connection
  add,           // key, i64: the sum, i64; stored as decimal text
  check,         // keys: one byte, 0 all are there, 1 not
  wait,          // keys: one byte 0, as soon as all are there
  get_num_keys,  // i64
  watch_key,     // key; plain only, and not served
  delete_key,    // key: i64, how many were there
  append,        // key, value: no answer
  multi_get,     // keys: a value each
  multi_set,     // keys and values in turn: no answer
  cancel_wait,   // one byte 1
  ping           // u32: the same
};

/// What torch itself refuses beyond (TCPStoreLibUvBackend.cpp), and what a whole request of ours
/// may hold: a hostile length must not cost memory.
inline constexpr std::uint64_t kMaximumKey = 8U << 10U;
inline constexpr std::uint64_t kMaximumValue = 8U << 20U;
inline constexpr std::uint64_t kMaximumKeys = 128U << 10U;
inline constexpr std::size_t kMaximumRequest = 32U << 20U;

inline constexpr std::uint32_t kMagic = 0x3C85F7CE;

struct Request {
  Command command = Command::get_num_keys;
  std::vector<std::string> words;  // keys and values, in order
  std::int64_t number = 0;         // of add; the nonce of ping
};

/// The bytes of a request. It must fit the limits, and have a number in that numbering.
[[nodiscard]] std::string encode(Numbering numbering, const Request& request);

/// Tells the dialects apart without harm, if it is sent whole: twelve bytes. 2.2 and later read
/// VALIDATE and seven get_num_keys, and answer 56 bytes. Older ones read a set whose key has an
/// absurd length, and reset. The builds with a magic before each request drop all twelve. A bare
/// VALIDATE of five bytes would leave an old server waiting for the rest, and with it, since it
/// has one thread that blocks, its whole job.
[[nodiscard]] std::string safe_probe();
inline constexpr std::size_t kSafeProbeCounts = 7;

/// For stores that have reset the safe probe: nine times get_num_keys of an old numbering. To a
/// store of the other old one it is a request with a length of eight such bytes, absurd, and it
/// resets; one get_num_keys alone would leave it, and its whole job, waiting for that length.
[[nodiscard]] std::string old_probe(Numbering numbering);
inline constexpr std::size_t kOldProbeCounts = 9;

// Pieces of answers.
void append_number(std::string& bytes, std::int64_t number);
void append_nonce(std::string& bytes, std::uint32_t nonce);
void append_value(std::string& bytes, std::string_view value);
/// Takes it out of the front of what came; nothing while it is not whole.
[[nodiscard]] std::optional<std::int64_t> take_number(std::string& bytes);
[[nodiscard]] std::optional<std::uint8_t> take_byte(std::string& bytes);
struct TakenValue {
  bool wrong = false;  // longer than `limit`
  std::optional<std::string> value;
};
[[nodiscard]] TakenValue take_value(std::string& bytes, std::uint64_t limit);

/// A decimal number as `add` stores it, with an optional minus.
[[nodiscard]] std::optional<std::int64_t> parse_count(std::string_view text);

/// Requests out of a client's bytes, in pieces of any size. The work is in proportion to the bytes,
/// however they are cut.
class RequestDecoder {
 public:
  enum class Step { request, more, wrong };

  void feed(std::string_view bytes);
  /// The next request into request(), or that more bytes are needed, or that these are none: then
  /// for good.
  [[nodiscard]] Step next();
  [[nodiscard]] Request& request() { return request_; }
  /// No request has begun that is not whole.
  [[nodiscard]] bool is_between() const { return !in_request_ && rest().empty(); }
  /// Bytes of memory that half a request holds.
  [[nodiscard]] std::size_t held() const { return buffer_.capacity() + fields_size_; }
  [[nodiscard]] std::optional<Numbering> numbering() const { return numbering_; }

 private:
  enum class Part { taken, more, wrong };
  Part choose_numbering();
  Part begin_request();
  Part take_field();
  Part take_word(std::uint64_t limit);
  [[nodiscard]] std::string_view rest() const { return std::string_view(buffer_).substr(at_); }
  template <typename Number>
  Part take(Number& number);

  std::string buffer_;
  std::size_t at_ = 0;  // what is before it has been used
  std::optional<Numbering> numbering_;
  Request request_;
  bool in_request_ = false;
  bool wrong_ = false;
  std::string_view fields_;  // still to come: k key, v value, i number, u nonce, * count
  std::string_view group_;   // what is repeated
  std::uint64_t repeats_ = 0;
  std::size_t fields_size_ = 0;
};

}  // namespace toolkit::rendezvous
