#pragma once
// What we know of files at the destination without asking it: the journal, and how its records are
// made and believed. Without a journal nothing is known, and everything is proven anew.

#include "journal.hpp"

#include <toolkit/store/location.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::sync {

/// Of the journal of these places in that directory, without its ending.
[[nodiscard]] std::string journal_path(const std::string& directory,
                                       const std::vector<store::Location>& sources,
                                       const store::Location& destination);

class Ledger {
 public:
  /// The journal of these places in that directory. Where it cannot be had, and for an empty one,
  /// what is learned lasts as long as we do (told at debug level: it costs only time). `dry`: it is
  /// read, and nothing is written.
  void open(const std::string& directory, const std::vector<store::Location>& sources,
            const store::Location& destination, bool dry);

  /// Whether our last transfer of `key` left exactly `length` bytes there, and the content still
  /// has the head and the marker that it had then.
  [[nodiscard]] Result<bool> proves(const std::string& key, store::Content& content,
                                    std::uint64_t length) const;
  /// Of a store that keeps no times: whether this very state of the source was sent, and nothing of
  /// another size has taken its place.
  [[nodiscard]] bool was_sent(const std::string& key, const store::Entry& source,
                              const std::optional<store::Entry>& there) const;
  /// `now` of the content is there, all of it. What cannot be read for it is not recorded.
  void sent(const std::string& key, store::Content& content, const store::Entry& now,
            const std::string& memo = {});
  void forget(const std::string& key);

  /// The store's note on a transfer of this state of the source that was cut off; else empty.
  [[nodiscard]] std::string memo(const std::string& key, const store::Entry& now) const;
  void cut_off(const std::string& key, const store::Entry& now, const std::string& memo);

  [[nodiscard]] std::vector<FileRecord> in_directory(const std::string& directory) const;
  void renamed(const std::string& from, const std::string& to);
  void flush();

 private:
  void take(Result<std::unique_ptr<Journal>> journal, const char* without);

  std::unique_ptr<Journal> journal_;
};

}  // namespace toolkit::sync
