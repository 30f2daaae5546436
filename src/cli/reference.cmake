# The sources of help, completions and man pages. The hand-written parts are compiled in, because a
# static binary dropped into an image has no files beside it.
set(reference_files completions/toolkit.bash.in completions/_toolkit.in completions/toolkit.fish.in
  man/toolkit.1.in man/toolkit-run.1.in man/toolkit-env.1.in man/toolkit-check-gpu.1.in man/toolkit-sync.1.in
  man/toolkit-wait.1.in man/help-exit-codes.txt man/help-kubernetes.txt man/help-sagemaker.txt
  man/help-signals.txt man/help-slurm.txt)

set(REFERENCE_TEMPLATES "")
foreach(file ${reference_files})
  set(path ${CMAKE_CURRENT_LIST_DIR}/../../${file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(READ ${path} text)
  get_filename_component(name ${file} NAME)
  string(APPEND REFERENCE_TEMPLATES "    {\"${name}\", R\"template(${text})template\"},\n")
endforeach()
configure_file(${CMAKE_CURRENT_LIST_DIR}/reference_templates.cpp.in
  ${CMAKE_CURRENT_BINARY_DIR}/reference_templates.cpp @ONLY)

set(REFERENCE_SOURCES reference_text.cpp reference_help.cpp reference_completion.cpp
  reference_bash.cpp reference_zsh.cpp reference_fish.cpp reference_roff.cpp reference_man.cpp reference_topics.cpp
  ${CMAKE_CURRENT_BINARY_DIR}/reference_templates.cpp)
