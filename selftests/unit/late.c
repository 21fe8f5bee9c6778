// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <gnu/lib-names.h>
#include <kselftest_harness.h>

#include "lib/late.h"

#define FUNCTIONS(F) F(fmax) F(hypot)

enum { FUNCTIONS(LATE_INDEX) FUNCTIONS_N };

TEST(each_by_its_name)
{
	static const char *const names[] = { FUNCTIONS(LATE_NAME) };
	void *libm[FUNCTIONS_N];

	ASSERT_EQ(0, late_load(LIBM_SO, names, libm, FUNCTIONS_N));
	EXPECT_TRUE(LATE_FUNCTION(libm, fmax)(3, 4) == 4);
	EXPECT_TRUE(LATE_FUNCTION(libm, hypot)(3, 4) == 5);
}

TEST(none_is_missing)
{
	static const char *const names[] = { "fmax", "no_such_function", "hypot" };
	void *functions[3];

	EXPECT_EQ(-ELIBACC, late_load(LIBM_SO, names, functions, 3));
	EXPECT_EQ(-ELIBACC, late_load("libnone.so.0", names, functions, 1));
}

TEST_HARNESS_MAIN
