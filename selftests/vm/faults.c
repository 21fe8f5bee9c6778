// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of each kind that the kernel "debug" must find, so that a smaller kernel
 * that misses one of them does not look like a kernel that finds nothing wrong.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/netlink.h>

#define BYTES 64

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spinning);
static char __rcu *pointer;
static unsigned int many = 40;
static char copied[BYTES];

static void no_read_section(void)
{
	WRITE_ONCE(copied[0], !rcu_dereference(pointer));
}

static void sleeps_in_atomic_context(void)
{
	spin_lock(&spinning);
	might_sleep();
	spin_unlock(&spinning);
}

static void locks_the_other_way_round(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void shifts_too_far(void)
{
	WRITE_ONCE(copied[0], 1 << READ_ONCE(many));
}

static noinline void writes_out_of_bounds(void)
{
	char *p = kmalloc(BYTES, GFP_KERNEL);

	if (!p)
		return;
	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(p[BYTES], 1);
	kfree(p);
}

static char *freed(void)
{
	char *p = kzalloc(BYTES, GFP_KERNEL);

	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	return p;
}

static noinline void reads_freed(void)
{
	WRITE_ONCE(copied[0], READ_ONCE(*freed()));
}

/* Code that is built without KASAN, except for a few objects, reads freed memory for us. */
static void hands_freed_to_others(void)
{
	struct sk_buff *skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	snprintf(copied, sizeof(copied), "%s", freed());
	/* Nothing is mapped there, but the kernel checks the source before it finds that out. */
	if (!copy_to_user((void __user *)PAGE_SIZE, freed(), BYTES))
		pr_info("copied\n");
	if (!skb)
		return;
	nla_put(skb, 1, BYTES, freed());
	nlmsg_free(skb);
}

/* The first lock fault and the first memory fault switch lockdep off, hence this order. */
static int __init faults_init(void)
{
	no_read_section();
	sleeps_in_atomic_context();
	locks_the_other_way_round();
	shifts_too_far();
	writes_out_of_bounds();
	reads_freed();
	hands_freed_to_others();
	return 0;
}

static void __exit faults_exit(void)
{
}

module_init(faults_init);
module_exit(faults_exit);
MODULE_DESCRIPTION("Faults that a kernel made to find faults finds");
MODULE_AUTHOR("The brkwatch developers");
MODULE_LICENSE("GPL");
