set(STAMPER_TESTS fold_test.cpp level_test.cpp restorer_test.cpp stamper_test.cpp)
