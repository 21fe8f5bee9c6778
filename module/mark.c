// SPDX-License-Identifier: GPL-2.0
/*
 * Marks: lines among the events of a process. The process writes them into
 * /proc/brkwatch, as into trace_marker, or another process sends them by netlink.
 */
#include <linux/brkwatch.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "access.h"
#include "mark.h"
#include "record.h"
#include "watch.h"

/* One write is one mark. It succeeds unwatched too, because programs always mark. */
static ssize_t mark_write(struct file *file, const char __user *from, size_t bytes, loff_t *pos)
{
	struct bw_record rec = { .kind = BRKWATCH_EVENT_KIND_MARK };
	size_t len = bytes;
	char last;

	if (len && get_user(last, from + len - 1))
		return -EFAULT;
	len -= len && last == '\n';
	if (len > BRKWATCH_MARK_MAX)
		return -EMSGSIZE;
	if (copy_from_user(rec.mark, from, len))
		return -EFAULT;
	if (!len || strnlen(rec.mark, len) < len)
		return -EINVAL;
	bw_watch_event(task_tgid(current), &rec);
	return bytes;
}

static const struct proc_ops mark_ops = {
	.proc_write = mark_write,
	.proc_lseek = noop_llseek,
};

/**
 * bw_mark_init() - offer the file for marks
 *
 * Return: 0 or -ENOMEM.
 */
int bw_mark_init(void)
{
	return proc_create("brkwatch", 0222, NULL, &mark_ops) ? 0 : -ENOMEM;
}

/**
 * bw_mark_exit() - undo bw_mark_init(); no write runs on return
 */
void bw_mark_exit(void)
{
	remove_proc_entry("brkwatch", NULL);
}

static int mark_allowed(struct sk_buff *skb, struct task_struct *task,
			struct netlink_ext_ack *extack)
{
	struct bw_access access;
	struct mm_struct *mm;
	int err;

	bw_access_take(&access, NETLINK_CB(skb).sk);
	err = bw_access_hold(&access, task, &mm, extack);
	if (!err)
		bw_access_release(&access, task, mm);
	bw_access_put(&access);
	return err;
}

static int mark_process(struct task_struct *task, const struct nlattr *text,
			struct netlink_ext_ack *extack)
{
	struct bw_record rec = { .kind = BRKWATCH_EVENT_KIND_MARK };

	nla_strscpy(rec.mark, text, sizeof(rec.mark));
	if (!rec.mark[0]) {
		NL_SET_ERR_MSG(extack, "a mark cannot be empty");
		return -EINVAL;
	}
	/* The answer hides whether a reader watches, because the sender may be the process. */
	bw_watch_event(task_tgid(task), &rec);
	return 0;
}

static struct netlink_range_validation pid_range = {
	.min = 1,
	.max = PID_MAX_LIMIT,
};

const struct nla_policy bw_mark_policy[BRKWATCH_A_MARK_MAX + 1] = {
	[BRKWATCH_A_MARK_PID] = NLA_POLICY_FULL_RANGE(NLA_U32, &pid_range),
	[BRKWATCH_A_MARK_TEXT] = { .type = NLA_NUL_STRING, .len = BRKWATCH_MARK_MAX },
};

/**
 * bw_mark_doit() - mark a process on behalf of the sender
 * @skb: the request
 * @info: its attributes
 *
 * Return: 0, whether anybody watches it or not, -EINVAL, -ESRCH, -EPERM, -EINTR, -EAGAIN (it
 * stays in execve()).
 */
int bw_mark_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *pid = info->attrs[BRKWATCH_A_MARK_PID];
	struct nlattr *text = info->attrs[BRKWATCH_A_MARK_TEXT];
	struct task_struct *task;
	int err;

	if (!pid || !text) {
		NL_SET_ERR_MSG(info->extack, "mark needs the attributes pid and text");
		return -EINVAL;
	}
	rcu_read_lock();
	task = pid_task(find_pid_ns(nla_get_u32(pid), task_active_pid_ns(current)), PIDTYPE_PID);
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	if (!task) {
		NL_SET_ERR_MSG(info->extack, "no such process");
		return -ESRCH;
	}
	err = mark_allowed(skb, task, info->extack);
	if (!err)
		err = mark_process(task, text, info->extack);
	put_task_struct(task);
	return err;
}
