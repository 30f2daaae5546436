#include "s3_snapshot.hpp"

#include "s3_text.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/net/digest.hpp>

#include <algorithm>
#include <cstring>

namespace toolkit::store {
namespace {

constexpr std::size_t kBlock = 256;  // objects: what is decoded to find one directory

void put_number(std::string& to, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) {
    to += static_cast<char>(number | 0x80);
  }
  to += static_cast<char>(number);
}

std::uint64_t take_number(std::string_view& from) {
  std::uint64_t number = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      return number;
    }
  }
}

void put_text(std::string& to, std::string_view text) {
  put_number(to, text.size());
  to += text;
}

std::string_view take_text(std::string_view& from) {
  const std::size_t size = take_number(from);
  const std::string_view text = from.substr(0, size);
  from.remove_prefix(size);
  return text;
}

// Most tags are an MD5, with the number of parts behind it: half the bytes. 0: as it is.
void put_tag(std::string& to, std::string_view tag) {
  const auto md5 = tag_md5(tag.substr(0, 32));
  const auto parts = tag.size() > 33 && tag[32] == '-' ? parse_whole(tag.substr(33)) : 0;
  const std::string again = md5 ? net::to_hex(*md5) + (tag.size() > 32 ? "-" : "") +
                                      (tag.size() > 32 ? std::to_string(parts.value_or(0)) : "")
                                : std::string();
  if (md5 && again == tag) {
    put_number(to, 1 + static_cast<std::uint64_t>(*parts));
    to += *md5;
  } else {
    put_number(to, 0);
    put_text(to, tag);
  }
}

std::string take_tag(std::string_view& from) {
  const std::uint64_t form = take_number(from);
  if (form == 0) {
    return std::string(take_text(from));
  }
  const std::string hex = net::to_hex(from.substr(0, 16));
  from.remove_prefix(16);
  return form == 1 ? hex : hex + "-" + std::to_string(form - 1);
}

std::size_t shared_prefix(std::string_view one, std::string_view other) {
  const auto end = std::min(one.size(), other.size());
  return static_cast<std::size_t>(
      std::mismatch(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(end), other.begin())
          .first -
      one.begin());
}

void sort_by_name(std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry& one, const Entry& other) {
    return one.name != other.name ? one.name < other.name : one.kind < other.kind;
  });
}

}  // namespace

bool is_file_path(std::string_view key) {
  if (key.ends_with('/')) {
    key.remove_suffix(1);
  }
  for (const std::string_view component : split(key, '/')) {
    if (component.empty() || component == "." || component == "..") {
      return false;
    }
  }
  return true;
}

Entry entry_of(const S3Object& object, std::string_view name) {
  Entry entry;
  entry.name = name;
  entry.size = object.size;
  entry.mtime = object.modified;
  entry.tag = object.etag;
  return entry;
}

Entry directory_entry(std::string_view name) {
  Entry entry;
  entry.name = name;
  entry.kind = Kind::directory;
  return entry;
}

// The objects of the blocks, one after the other.
class S3Snapshot::Reader {
 public:
  Reader(const std::vector<Block>& blocks, std::size_t block) : blocks_(blocks), block_(block) {}

  bool next() {
    while (left_.empty()) {
      if (block_ == blocks_.size()) {
        return false;
      }
      left_ = blocks_[block_++].records;
      object.key.clear();
    }
    object.key.resize(take_number(left_));
    object.key += take_text(left_);
    object.size = take_number(left_);
    std::memcpy(&object.modified, left_.data(), sizeof(object.modified));
    left_.remove_prefix(sizeof(object.modified));
    object.etag = take_tag(left_);
    return true;
  }

  S3Object object;

 private:
  const std::vector<Block>& blocks_;
  std::size_t block_;
  std::string_view left_;
};

void S3Snapshot::append(const S3Object& object) {
  if (blocks_.empty() || blocks_.back().count == kBlock) {
    if (!blocks_.empty()) {
      blocks_.back().records.shrink_to_fit();
    }
    blocks_.push_back({object.key, {}, 0});
    last_key_.clear();
  }
  Block& block = blocks_.back();
  const std::size_t shared = shared_prefix(last_key_, object.key);
  put_number(block.records, shared);
  put_text(block.records, std::string_view(object.key).substr(shared));
  put_number(block.records, object.size);
  block.records.append(reinterpret_cast<const char*>(&object.modified), sizeof(object.modified));
  put_tag(block.records, object.etag);
  ++block.count;
  last_key_ = object.key;
}

void S3Snapshot::add(std::span<const S3Object> objects) {
  for (const S3Object& object : objects) {
    if (is_file_path(object.key)) {
      const std::string& before = last_key_;
      sorted_ = sorted_ && (blocks_.empty() || before < object.key);
      append(object);
    }
  }
}

void S3Snapshot::sort() {
  std::vector<S3Object> all;
  for (Reader reader(blocks_, 0); reader.next();) {
    all.push_back(reader.object);
  }
  std::sort(all.begin(), all.end(),
            [](const S3Object& one, const S3Object& other) { return one.key < other.key; });
  blocks_.clear();
  for (const S3Object& object : all) {
    append(object);
  }
}

void S3Snapshot::finish(bool complete) {
  complete_ = complete;
  if (!sorted_) {  // directory buckets list in no order: half of such a listing covers nothing
    sort();
    last_key_ = complete ? last_key_ : "";
  }
}

bool S3Snapshot::covers(std::string_view directory) const {
  // "a0" is the first key that can stand behind all of "a/…".
  return complete_ || (!directory.empty() && std::string(directory) + '0' <= last_key_);
}

std::vector<Entry> S3Snapshot::list(std::string_view directory) const {
  const std::string prefix = directory.empty() ? "" : std::string(directory) + "/";
  const auto behind = std::partition_point(blocks_.begin(), blocks_.end(), [&](const Block& block) {
    return block.first_key <= prefix;
  });
  std::vector<Entry> entries;
  std::string last_directory;
  const auto first = behind == blocks_.begin() ? behind : behind - 1;
  for (Reader reader(blocks_, static_cast<std::size_t>(first - blocks_.begin())); reader.next();) {
    const std::string_view key = reader.object.key;
    if (!key.starts_with(prefix)) {
      if (key > prefix) {
        break;
      }
      continue;
    }
    const std::string_view rest = key.substr(prefix.size());
    const std::string_view name = rest.substr(0, rest.find('/'));
    if (name.size() == rest.size() && !rest.empty()) {
      entries.push_back(entry_of(reader.object, name));
    } else if (!rest.empty() && last_directory != name) {
      last_directory = name;
      entries.push_back(directory_entry(name));
    }
  }
  sort_by_name(entries);
  return entries;
}

std::size_t S3Snapshot::bytes() const {
  std::size_t sum = blocks_.capacity() * sizeof(Block);
  for (const Block& block : blocks_) {
    sum += block.records.capacity() + block.first_key.capacity();
  }
  return sum;
}

}  // namespace toolkit::store
