/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A queue of events; for the first of them a list of files, of which the first is running. Each is the leader of a
 * process group of its own, so that what it has started ends with it.
 */

#include "host/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/hook-output.h"

#define SAFE_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define NAME_CHARACTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-."
#define READ_SIZE 4096
#define READS_MAX 16 /* in a row: as much as a pipe holds */
#define MAGIC_SIZE 4

typedef struct
{
  GWeakRef about; /* it owns whoever runs its hooks */
  GStrv environment;
} Event;

struct _EaHooks
{
  GObject parent_instance;

  char *directory;
  guint limit_ms;
  GQueue events; /* Event; the first is under way */
  guint begin_id;
  GPtrArray *names; /* of the files that are still to be run for it; NULL: nothing is under way */

  GPid process; /* and of its group; 0: none runs, and there is nothing of what follows */
  guint watch_id;
  GPollableInputStream *stdout_stream;
  char *name;
  GSource *readable;
  EaHookOutput output;
  guint limit_id;
  gboolean is_overdue;
};

enum
{
  SIGNAL_OUTPUT,
  SIGNAL_ENDED,
  SIGNAL_DONE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* clang-format off */
G_DEFINE_QUARK (ea-hooks-error-quark, ea_hooks_error)
/* clang-format on */
G_DEFINE_FINAL_TYPE (EaHooks, ea_hooks, G_TYPE_OBJECT)

static void
event_free (gpointer data)
{
  Event *event = data;

  g_weak_ref_clear (&event->about);
  g_strfreev (event->environment);
  g_free (event);
}

/* (transfer full) (nullable): %NULL: it has gone meanwhile */
static GObject *
get_about (EaHooks *self)
{
  return g_weak_ref_get (&((Event *) g_queue_peek_head (&self->events))->about);
}

static void
tell_output (EaHooks *self, const char *line)
{
  g_autoptr (GObject) about = get_about (self);

  g_signal_emit (self, signals[SIGNAL_OUTPUT], 0, about, self->name, line);
}

static void
tell_end (EaHooks *self, const char *name, const GError *error)
{
  g_autoptr (GObject) about = get_about (self);

  g_signal_emit (self, signals[SIGNAL_ENDED], 0, about, name, error);
}

/* What may be run */

static gboolean
is_trusted (const struct stat *status, GError **error)
{
  if (status->st_uid != 0 && status->st_uid != geteuid ())
    {
      g_set_error (error, EA_HOOKS_ERROR, EA_HOOKS_ERROR_REFUSED,
                   "it belongs to user %u, not to root", (guint) status->st_uid);
      return FALSE;
    }
  if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0)
    {
      g_set_error (error, EA_HOOKS_ERROR, EA_HOOKS_ERROR_REFUSED,
                   "others than its owner may write it, its mode is %04o",
                   (guint) status->st_mode & 07777u);
      return FALSE;
    }
  return TRUE;
}

/* Editors' and packagers' left-overs are none. */
static gboolean
is_name (const char *name)
{
  return name[0] != '.' && strspn (name, NAME_CHARACTERS) == strlen (name);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* (transfer full): in their order; none where the directory is not there */
static GPtrArray *
list_names (const char *directory)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_name (name))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* What the kernel does not take, a shell would be asked to read. */
static gboolean
has_interpreter (int fd, GError **error)
{
  char magic[MAGIC_SIZE] = { 0 };

  if (read (fd, magic, sizeof magic) == MAGIC_SIZE
      && (memcmp (magic, "#!", 2) == 0 || memcmp (magic, "\177ELF", MAGIC_SIZE) == 0))
    return TRUE;
  g_set_error_literal (error, EA_HOOKS_ERROR, EA_HOOKS_ERROR_REFUSED,
                       "it is no program, and does not name one behind #!");
  return FALSE;
}

/* FALSE without an error: it is no hook. */
static gboolean
is_hook_file (int fd, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) != 0 || S_ISDIR (status.st_mode))
    return FALSE;
  if (!S_ISREG (status.st_mode))
    {
      g_set_error_literal (error, EA_HOOKS_ERROR, EA_HOOKS_ERROR_REFUSED, "it is no regular file");
      return FALSE;
    }
  return (status.st_mode & S_IXUSR) != 0 && is_trusted (&status, error)
         && has_interpreter (fd, error);
}

/* The same */
static gboolean
is_hook (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  int code = errno;
  gboolean is_fit;

  if (fd >= 0)
    {
      is_fit = is_hook_file (fd, error);
      (void) close (fd);
      return is_fit;
    }
  if (code != ENOENT)
    g_set_error (error, EA_HOOKS_ERROR, EA_HOOKS_ERROR_REFUSED, "%s",
                 code == ELOOP || code == ENXIO ? "it is no regular file" : g_strerror (code));
  return FALSE;
}

/* Running */

static void go_on (EaHooks *self);

static void
on_line (const char *line, gpointer user_data)
{
  tell_output (user_data, line);
}

/* What is there, but no more than a pipe holds: who writes faster than it is read is not to hold up everything else.
 * FALSE: the end */
static gboolean
read_output (EaHooks *self)
{
  for (guint i = 0; i < READS_MAX; i++)
    {
      char buffer[READ_SIZE];
      g_autoptr (GError) error = NULL;
      gssize size = g_pollable_input_stream_read_nonblocking (self->stdout_stream, buffer,
                                                              sizeof buffer, NULL, &error);

      if (size <= 0)
        return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
      ea_hook_output_take (&self->output, buffer, (gsize) size, on_line, self);
    }
  return TRUE;
}

static gboolean
on_readable (GObject *stream, gpointer user_data)
{
  return read_output (user_data) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
kill_group (EaHooks *self, int signal_number)
{
  (void) kill (-self->process, signal_number); /* it may have ended by itself */
}

static gboolean
on_grace_over (gpointer user_data)
{
  EaHooks *self = user_data;

  self->limit_id = 0;
  kill_group (self, SIGKILL);
  return G_SOURCE_REMOVE;
}

static gboolean
on_limit (gpointer user_data)
{
  EaHooks *self = user_data;

  self->is_overdue = TRUE;
  kill_group (self, SIGTERM);
  self->limit_id = g_timeout_add (EA_HOOKS_GRACE_MS, on_grace_over, self);
  return G_SOURCE_REMOVE;
}

static void
clear_process (EaHooks *self)
{
  g_clear_handle_id (&self->limit_id, g_source_remove);
  if (self->readable != NULL)
    g_source_destroy (self->readable);
  g_clear_pointer (&self->readable, g_source_unref);
  ea_hook_output_clear (&self->output);
  g_clear_object (&self->stdout_stream);
  g_clear_handle_id (&self->watch_id, g_source_remove);
  g_clear_pointer (&self->name, g_free);
  self->process = 0;
}

/* (transfer full) (nullable): %NULL when it ended well */
static GError *
get_failure (EaHooks *self, int wait_status)
{
  if (self->is_overdue)
    return g_error_new (EA_HOOKS_ERROR, EA_HOOKS_ERROR_TIMED_OUT, "killed after %u.%u s",
                        self->limit_ms / 1000, self->limit_ms % 1000 / 100);
  if (!WIFEXITED (wait_status))
    return g_error_new (EA_HOOKS_ERROR, EA_HOOKS_ERROR_FAILED, "killed by signal %d",
                        WTERMSIG (wait_status));
  if (WEXITSTATUS (wait_status) != 0)
    return g_error_new (EA_HOOKS_ERROR, EA_HOOKS_ERROR_FAILED, "exit status %d",
                        WEXITSTATUS (wait_status));
  return NULL;
}

static void
on_exited (GPid pid, int wait_status, gpointer user_data)
{
  g_autoptr (EaHooks) self = g_object_ref (user_data);
  g_autoptr (GError) failure = get_failure (self, wait_status);

  self->watch_id = 0;
  kill_group (self, SIGKILL); /* what it has left behind */
  (void) read_output (self);  /* what it has written */
  ea_hook_output_end (&self->output, on_line, self);
  tell_end (self, self->name, failure);
  clear_process (self);
  go_on (self);
}

/* Between fork and exec; neither can fail there. */
static void
set_up_child (gpointer user_data)
{
  (void) setpgid (0, 0);
  (void) dup2 (STDOUT_FILENO, STDERR_FILENO);
}

/* Standard input is /dev/null, and no other file is left open. */
static gboolean
spawn (EaHooks *self, char *path, GError **error)
{
  const Event *event = g_queue_peek_head (&self->events);
  char *argv[] = { path, NULL };
  int stdout_fd;

  if (!g_spawn_async_with_pipes ("/", argv, event->environment, G_SPAWN_DO_NOT_REAP_CHILD,
                                 set_up_child, NULL, &self->process, NULL, &stdout_fd, NULL, error))
    return FALSE;
  self->stdout_stream = G_POLLABLE_INPUT_STREAM (g_unix_input_stream_new (stdout_fd, TRUE));
  return TRUE;
}

static void
watch (EaHooks *self)
{
  ea_hook_output_init (&self->output);
  self->readable = g_pollable_input_stream_create_source (self->stdout_stream, NULL);
  g_source_set_callback (self->readable, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->readable, NULL);
  self->is_overdue = FALSE;
  self->limit_id = g_timeout_add (self->limit_ms, on_limit, self);
  self->watch_id = g_child_watch_add (self->process, on_exited, self);
}

/* FALSE with an error, or without one where @name is no hook */
static gboolean
start (EaHooks *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);
  g_autoptr (GError) reason = NULL;

  if (!is_hook (path, error))
    return FALSE;
  if (!spawn (self, path, &reason))
    {
      self->process = 0;
      g_set_error_literal (error, EA_HOOKS_ERROR, EA_HOOKS_ERROR_FAILED, reason->message);
      return FALSE;
    }
  self->name = g_strdup (name);
  watch (self);
  return TRUE;
}

static void
begin_event (EaHooks *self)
{
  g_autoptr (GError) error = NULL;
  struct stat status;

  if (stat (self->directory, &status) != 0 || is_trusted (&status, &error))
    {
      self->names = list_names (self->directory);
      return;
    }
  self->names = g_ptr_array_new ();
  tell_end (self, self->directory, error);
}

static void
end_event (EaHooks *self)
{
  g_autoptr (GObject) about = get_about (self);

  g_clear_pointer (&self->names, g_ptr_array_unref);
  event_free (g_queue_pop_head (&self->events));
  g_signal_emit (self, signals[SIGNAL_DONE], 0, about);
}

static void
start_next (EaHooks *self)
{
  g_autofree char *name = g_ptr_array_steal_index (self->names, 0);
  g_autoptr (GError) error = NULL;

  if (!start (self, name, &error) && error != NULL)
    tell_end (self, name, error);
}

/* Until a hook runs or nothing is left. */
static void
go_on (EaHooks *self)
{
  while (self->process == 0 && self->events.length > 0)
    if (self->names == NULL)
      begin_event (self);
    else if (self->names->len > 0)
      start_next (self);
    else
      end_event (self);
}

static gboolean
on_begin (gpointer user_data)
{
  EaHooks *self = user_data;

  self->begin_id = 0;
  go_on (self);
  return G_SOURCE_REMOVE;
}

/* (transfer full) */
static GStrv
build_environment (const char *const *environment)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_add (builder, SAFE_PATH);
  if (environment != NULL)
    g_strv_builder_addv (builder, (const char **) environment);
  return g_strv_builder_end (builder);
}

gboolean
ea_hooks_run (EaHooks *self, GObject *about, const char *const *environment)
{
  Event *event;

  if (self->directory[0] == '\0')
    return TRUE;
  if (self->events.length >= EA_HOOKS_EVENTS_MAX)
    return FALSE;
  event = g_new0 (Event, 1);
  g_weak_ref_init (&event->about, about);
  event->environment = build_environment (environment);
  g_queue_push_tail (&self->events, event);
  if (self->begin_id == 0)
    self->begin_id = g_idle_add (on_begin, self);
  return TRUE;
}

static void
ea_hooks_dispose (GObject *object)
{
  EaHooks *self = EA_HOOKS (object);

  g_clear_handle_id (&self->begin_id, g_source_remove);
  if (self->process != 0)
    kill_group (self, SIGKILL);
  clear_process (self);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_queue_clear_full (&self->events, event_free);
  G_OBJECT_CLASS (ea_hooks_parent_class)->dispose (object);
}

static void
ea_hooks_finalize (GObject *object)
{
  g_free (EA_HOOKS (object)->directory);
  G_OBJECT_CLASS (ea_hooks_parent_class)->finalize (object);
}

static void
ea_hooks_class_init (EaHooksClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ea_hooks_dispose;
  G_OBJECT_CLASS (klass)->finalize = ea_hooks_finalize;
  signals[SIGNAL_OUTPUT]
      = g_signal_new ("output", EA_TYPE_HOOKS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                      3, G_TYPE_OBJECT, G_TYPE_STRING, G_TYPE_STRING);
  signals[SIGNAL_ENDED]
      = g_signal_new ("ended", EA_TYPE_HOOKS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                      3, G_TYPE_OBJECT, G_TYPE_STRING, G_TYPE_ERROR);
  signals[SIGNAL_DONE] = g_signal_new ("done", EA_TYPE_HOOKS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 1, G_TYPE_OBJECT);
}

static void
ea_hooks_init (EaHooks *self)
{
  g_queue_init (&self->events);
}

EaHooks *
ea_hooks_new (const char *directory, guint limit_ms)
{
  EaHooks *self = g_object_new (EA_TYPE_HOOKS, NULL);

  self->directory = g_strdup (directory);
  self->limit_ms = limit_ms != 0 ? limit_ms : EA_HOOKS_LIMIT_S * 1000;
  return self;
}
