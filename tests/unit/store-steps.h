/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/store.h"

/* A store in a directory of the test's own, and a sequence of steps in it, whose result can be told. */

#define STEPS_JOBS 3
#define STEPS_JOB_SIZE (24 * 1024)
#define STEPS_JOB_SHRINK 100 /* a step's job is smaller than the one before */

/* What a number of steps has made: each writes the counter and one job, and removes another. */
typedef struct
{
  int counter;          /* -1: none */
  int jobs[STEPS_JOBS]; /* -1: none */
} StepsModel;

/* What the first @n_steps make, and what @step makes of that. */
StepsModel steps_get_model (int n_steps);
void steps_model_apply (StepsModel *model, int step);

/* Makes @step in @store, with one commit. */
gboolean steps_make (EaStore *store, int step, GError **error);

/* TRUE when the records of @store are those of @model. */
gboolean steps_is_like (EaStore *store, const StepsModel *model);

/* Setup and teardown, and the directory: an absolute path without symbolic links */
extern char *steps_directory;
int steps_make_directory (void **state);
int steps_remove_directory (void **state);

/* (transfer full): of a process that ends or fails at operation @at in it, as tests/system/kill-at.c says */
char **steps_make_environment (const char *when, guint at);

/* (transfer full): the store in it; fails the test when it can't be opened */
EaStore *steps_open (void);

/* Fails the test unless a store that is opened now has what @n_steps make. */
void steps_assert (int n_steps);

typedef enum
{
  STEPS_NOTHING,
  STEPS_TORN,    /* the last step was interrupted */
  STEPS_DAMAGED, /* the last step is damaged */
} StepsFound;

/* Makes of the directory what is to be found there. Returns: the number of steps that are good */
int steps_prepare (StepsFound found);

#define STEPS_DISK_SIZE (512 * 1024)

/* Mounts of the process's own: as root, else as root of a user namespace. FALSE: there are none to be had */
gboolean steps_leave_mounts (void);

/* A small disk in place of the directory, until it is unmounted */
gboolean steps_mount_small_disk (void);

/* Whoever else writes to the disk takes all that there is, in the course of time. */
void steps_take_what_is_free (void);
