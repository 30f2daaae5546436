#include "frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace toolkit::rendezvous {
namespace {

using enum Command;
constexpr std::array kEarly{set, get, add, check, wait, get_num_keys, delete_key};
constexpr std::array kPlain{set,       compare_set,  get,        add,        check,
                            wait,      get_num_keys, watch_key,  delete_key, append,
                            multi_get, multi_set,    cancel_wait};
// Behind the 0 of VALIDATE.
constexpr std::array kValidated{set,       compare_set,  get,        add,    check,
                                wait,      get_num_keys, delete_key, append, multi_get,
                                multi_set, cancel_wait,  ping};

std::span<const Command> numbers(Numbering numbering) {
  switch (numbering) {
    case Numbering::early:
      return kEarly;
    case Numbering::plain:
      return kPlain;
    case Numbering::validated:
      break;
  }
  return kValidated;
}
constexpr std::uint8_t first(Numbering numbering) {
  return numbering == Numbering::validated ? 1 : 0;
}

// k key, v value, i 64-bit number, u 32-bit number; behind a * the rest repeats, a count before it.
std::string_view fields(Command command) {
  switch (command) {
    case set:
    case append:
      return "kv";
    case compare_set:
      return "kvv";
    case get:
    case delete_key:
    case watch_key:
      return "k";
    case add:
      return "ki";
    case check:
    case wait:
    case multi_get:
      return "*k";
    case multi_set:
      return "*kv";
    case ping:
      return "u";
    case get_num_keys:
    case cancel_wait:
      break;
  }
  return "";
}

template <typename Number>
void append_raw(std::string& bytes, Number number) {
  std::array<char, sizeof number> raw{};
  std::memcpy(raw.data(), &number, sizeof number);
  bytes.append(raw.data(), raw.size());
}

template <typename Number>
std::optional<Number> peek_raw(std::string_view bytes) {
  if (bytes.size() < sizeof(Number)) {
    return std::nullopt;
  }
  Number number{};
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

}  // namespace

std::string encode(Numbering numbering, const Request& request) {
  const auto list = numbers(numbering);
  const auto at = std::ranges::find(list, request.command) - list.begin();
  std::string bytes(1, static_cast<char>(at + first(numbering)));
  const std::string_view form = fields(request.command);
  if (form.starts_with('*')) {
    append_number(bytes, static_cast<std::int64_t>(request.words.size() / (form.size() - 1)));
  }
  for (const std::string& word : request.words) {
    append_value(bytes, word);
  }
  if (form.ends_with('i')) {
    append_number(bytes, request.number);
  } else if (form.ends_with('u')) {
    append_nonce(bytes, static_cast<std::uint32_t>(request.number));
  }
  return bytes;
}

std::string safe_probe() {
  std::string bytes(1, '\0');
  append_raw(bytes, kMagic);
  return bytes.append(kSafeProbeCounts, encode(Numbering::validated, {get_num_keys, {}, 0})[0]);
}

std::string old_probe(Numbering numbering) {
  return std::string(kOldProbeCounts, encode(numbering, {get_num_keys, {}, 0})[0]);
}

void append_number(std::string& bytes, std::int64_t number) { append_raw(bytes, number); }

void append_nonce(std::string& bytes, std::uint32_t nonce) { append_raw(bytes, nonce); }

void append_value(std::string& bytes, std::string_view value) {
  append_raw(bytes, static_cast<std::uint64_t>(value.size()));
  bytes.append(value);
}

std::optional<std::int64_t> take_number(std::string& bytes) {
  const auto number = peek_raw<std::int64_t>(bytes);
  if (number) {
    bytes.erase(0, sizeof *number);
  }
  return number;
}

std::optional<std::uint8_t> take_byte(std::string& bytes) {
  const auto byte = peek_raw<std::uint8_t>(bytes);
  if (byte) {
    bytes.erase(0, 1);
  }
  return byte;
}

TakenValue take_value(std::string& bytes, std::uint64_t limit) {
  const auto length = peek_raw<std::uint64_t>(bytes);
  if (length && *length > limit) {
    return {.wrong = true, .value = {}};
  }
  if (!length || bytes.size() - sizeof *length < *length) {
    return {};
  }
  TakenValue taken{.wrong = false, .value = bytes.substr(sizeof *length, *length)};
  bytes.erase(0, sizeof *length + *length);
  return taken;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative ? 1 : 0);
  std::int64_t number = 0;
  bool good = !text.empty();
  for (const char digit : text) {
    good = good && digit >= '0' && digit <= '9' && !__builtin_mul_overflow(number, 10, &number) &&
           !__builtin_add_overflow(number, digit - '0', &number);
  }
  return good ? std::optional(negative ? -number : number) : std::nullopt;
}

void RequestDecoder::feed(std::string_view bytes) {
  buffer_.erase(0, at_);
  at_ = 0;
  if (buffer_.empty() && buffer_.capacity() > (1U << 20U)) {
    buffer_.shrink_to_fit();  // a large value has passed; a client may live for weeks
  }
  buffer_.append(bytes);
}

RequestDecoder::Step RequestDecoder::next() {
  while (!wrong_) {
    if (in_request_ && fields_.empty() && repeats_ == 0) {
      in_request_ = false;
      fields_size_ = 0;
      return Step::request;
    }
    const Part part = !numbering_    ? choose_numbering()
                      : !in_request_ ? begin_request()
                                     : take_field();
    if (part == Part::more) {
      return Step::more;
    }
    wrong_ = part == Part::wrong;
  }
  return Step::wrong;
}

// A plain set could begin as VALIDATE does only with a key of 0x3C85F7CE bytes or more.
RequestDecoder::Part RequestDecoder::choose_numbering() {
  if (rest().empty()) {
    return Part::more;
  }
  if (rest()[0] != '\0') {
    numbering_ = Numbering::plain;
    return Part::taken;
  }
  const auto magic = peek_raw<std::uint32_t>(rest().substr(1));
  if (!magic) {
    return Part::more;
  }
  numbering_ = *magic == kMagic ? Numbering::validated : Numbering::plain;
  at_ += *magic == kMagic ? 1 + sizeof *magic : 0;
  return Part::taken;
}

RequestDecoder::Part RequestDecoder::begin_request() {
  if (rest().empty()) {
    return Part::more;
  }
  const int number = static_cast<unsigned char>(rest()[0]) - first(*numbering_);
  const auto list = numbers(*numbering_);
  if (number < 0 || static_cast<std::size_t>(number) >= list.size()) {
    return Part::wrong;
  }
  ++at_;
  request_ = {list[static_cast<std::size_t>(number)], {}, 0};
  fields_ = fields(request_.command);
  in_request_ = true;
  return Part::taken;
}

template <typename Number>
RequestDecoder::Part RequestDecoder::take(Number& number) {
  const auto peeked = peek_raw<Number>(rest());
  if (!peeked) {
    return Part::more;
  }
  number = *peeked;
  at_ += sizeof number;
  return Part::taken;
}

RequestDecoder::Part RequestDecoder::take_field() {
  if (fields_.empty()) {
    fields_ = group_;
    --repeats_;
  }
  Part part = Part::taken;
  switch (fields_[0]) {
    case 'k':
      part = take_word(kMaximumKey);
      break;
    case 'v':
      part = take_word(kMaximumValue);
      break;
    case 'i':
      part = take(request_.number);
      break;
    case 'u': {
      std::uint32_t nonce = 0;
      part = take(nonce);
      request_.number = nonce;
      break;
    }
    default:
      part = take(repeats_);
      if (part != Part::taken) {
        break;
      }
      group_ = fields_.substr(1);
      fields_ = {};
      return repeats_ <= kMaximumKeys ? Part::taken : Part::wrong;
  }
  if (part == Part::taken) {
    fields_.remove_prefix(1);
  }
  return part;
}

RequestDecoder::Part RequestDecoder::take_word(std::uint64_t limit) {
  const auto length = peek_raw<std::uint64_t>(rest());
  if (!length) {
    return Part::more;
  }
  if (*length > limit || fields_size_ + *length > kMaximumRequest) {
    return Part::wrong;
  }
  if (rest().size() - sizeof *length < *length) {
    return Part::more;
  }
  request_.words.emplace_back(rest().substr(sizeof *length, *length));
  at_ += sizeof *length + *length;
  fields_size_ += sizeof(std::string) + *length;
  return Part::taken;
}

}  // namespace toolkit::rendezvous
