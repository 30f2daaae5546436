#include "key_store.hpp"

#include <algorithm>
#include <utility>

namespace toolkit::rendezvous {
namespace {

// A node of a map with two strings, by the libraries' layouts; about right is enough.
constexpr std::size_t kNode = 128;

std::size_t cost(const std::string& key, const std::string& value) {
  return kNode + key.size() + value.size();
}

// Whether a request may leave more behind than there was.
bool grows(Command command) {
  switch (command) {
    case Command::set:
    case Command::multi_set:
    case Command::append:
    case Command::compare_set:
    case Command::add:
    case Command::wait:
      return true;
    default:
      return false;
  }
}

// A wait holds its key twice, in both directions.
std::size_t wait_cost(const std::string& key) { return 2 * (kNode + key.size()); }

}  // namespace

const std::string* KeyStore::find(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

bool KeyStore::has_all(const std::vector<std::string>& keys) const {
  return std::ranges::all_of(keys, [this](const auto& key) { return find(key) != nullptr; });
}

void KeyStore::put(const std::string& key, std::string value) {
  erase(key);
  bytes_ += cost(key, value);
  values_[key] = std::move(value);
  wake(key);
}

bool KeyStore::erase(const std::string& key) {
  const auto found = values_.find(key);
  if (found == values_.end()) {
    return false;
  }
  bytes_ -= cost(key, found->second);
  values_.erase(found);
  return true;
}

std::optional<std::int64_t> KeyStore::add(const std::string& key, std::int64_t amount) {
  const std::string* value = find(key);
  const auto before = value == nullptr ? std::optional<std::int64_t>(0) : parse_count(*value);
  std::int64_t sum = 0;
  if (!before || __builtin_add_overflow(*before, amount, &sum)) {
    return std::nullopt;
  }
  put(key, std::to_string(sum));
  return sum;
}

bool KeyStore::has_room(const Request& request) const {
  std::size_t more = 0;
  for (const std::string& word : request.words) {
    more += wait_cost(word);
  }
  return bytes_ + more <= kMaximumBytes;
}

bool KeyStore::handle(Client client, Request request, std::string& answer) {
  if (grows(request.command) && !has_room(request)) {
    return false;
  }
  switch (request.command) {
    case Command::set:
    case Command::multi_set:
      put_all(std::move(request.words));
      return true;
    case Command::append:
      return append(request.words[0], request.words[1]);
    case Command::compare_set:
      compare_set(request, answer);
      return true;
    case Command::add: {
      const auto sum = add(request.words[0], request.number);
      append_number(answer, sum.value_or(0));
      return sum.has_value();
    }
    case Command::get:
    case Command::multi_get:
      return append_existing(request.words, answer);
    case Command::check:
      answer += has_all(request.words) ? '\0' : '\1';
      return true;
    case Command::wait:
      begin_wait(client, std::move(request.words), answer);
      return true;
    case Command::cancel_wait:
      end_wait(client);
      answer += '\1';
      return true;
    case Command::get_num_keys:
      append_number(answer, static_cast<std::int64_t>(values_.size()));
      return true;
    case Command::delete_key:
      append_number(answer, erase(request.words[0]) ? 1 : 0);
      return true;
    case Command::ping:
      append_nonce(answer, static_cast<std::uint32_t>(request.number));
      return true;
    case Command::watch_key:
      break;
  }
  return false;
}

void KeyStore::put_all(std::vector<std::string> words) {
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    put(words[i], std::move(words[i + 1]));
  }
}

bool KeyStore::append(const std::string& key, const std::string& more) {
  const std::string* value = find(key);
  std::string whole = (value == nullptr ? "" : *value) + more;
  const bool fits = whole.size() <= kMaximumValue;
  if (fits) {
    put(key, std::move(whole));
  }
  return fits;
}

bool KeyStore::append_existing(const std::vector<std::string>& keys, std::string& answer) const {
  for (const std::string& key : keys) {
    const std::string* value = find(key);
    if (value == nullptr || answer.size() + value->size() > kMaximumAnswer) {
      return false;
    }
    append_value(answer, *value);
  }
  return true;
}

// A missing key counts as empty; the caller is told what it expected otherwise, as torch's own
// store does.
void KeyStore::compare_set(Request& request, std::string& answer) {
  const std::string& key = request.words[0];
  const std::string& expected = request.words[1];
  const std::string* value = find(key);
  if (value == nullptr ? expected.empty() : *value == expected) {
    put(key, std::move(request.words[2]));
    value = find(key);
  }
  append_value(answer, value == nullptr ? expected : *value);
}

void KeyStore::begin_wait(Client client, std::vector<std::string> keys, std::string& answer) {
  end_wait(client);
  std::erase_if(keys, [this](const auto& key) { return find(key) != nullptr; });
  if (keys.empty()) {
    answer += '\0';
    return;
  }
  for (std::string& key : keys) {
    if (waits_[client].insert(key).second) {
      bytes_ += wait_cost(key);
      waiters_[key].insert(client);
    }
  }
}

void KeyStore::end_wait(Client client) {
  const auto found = waits_.find(client);
  if (found == waits_.end()) {
    return;
  }
  for (const std::string& key : found->second) {
    bytes_ -= wait_cost(key);
    const auto waiters = waiters_.find(key);
    waiters->second.erase(client);
    if (waiters->second.empty()) {
      waiters_.erase(waiters);
    }
  }
  waits_.erase(found);
}

void KeyStore::wake(const std::string& key) {
  const auto found = waiters_.find(key);
  if (found == waiters_.end()) {
    return;
  }
  for (const Client client : found->second) {
    const auto wait = waits_.find(client);
    wait->second.erase(key);
    bytes_ -= wait_cost(key);
    if (wait->second.empty()) {
      waits_.erase(wait);
      woken_.push_back(client);
    }
  }
  waiters_.erase(found);
}

std::vector<KeyStore::Client> KeyStore::take_woken() { return std::exchange(woken_, {}); }

void KeyStore::forget(Client client) {
  end_wait(client);
  std::erase(woken_, client);
}

}  // namespace toolkit::rendezvous
