#pragma once
// What a static binary must pin before it uses the part of libc in question.

namespace toolkit {

/// Names are looked up by the code that is linked in: hosts in files and DNS, users and services in
/// files. Without it glibc loads the image's NSS modules into us, built for another glibc, and
/// crashes. Called by every command but `run`, which looks up no names and starts too often to read
/// nsswitch.conf for nothing.
void pin_name_lookup();

}  // namespace toolkit
