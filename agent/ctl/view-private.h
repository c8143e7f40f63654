/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include "ctl/view.h"

/* What view.c fills and view-print.c prints. */

#define EA_VIEW_NO_OFFSET G_MAXSIZE

typedef enum
{
  EA_VIEW_NUMBER,
  EA_VIEW_BOOLEAN,
  EA_VIEW_NULL,
  EA_VIEW_STRING,
  EA_VIEW_BYTES,
  EA_VIEW_NAMED,
  EA_VIEW_OBJECT,
  EA_VIEW_OBJECT_END,
  EA_VIEW_LIST,
  EA_VIEW_LIST_END,
} EaViewType;

/**
 * EaViewNode:
 * @number: of numbers, booleans and named values
 * @text: of strings and bytes (as hexadecimal): where it begins in the view's text; else where the next does
 */
typedef struct
{
  EaViewType type;
  const char *name;
  const char *clause;
  const char *value_name;
  gsize offset;
  guint64 number;
  gsize text;
} EaViewNode;

struct _EaView
{
  EaSpan item;
  GArray *nodes; /* EaViewNode */
  GString *text;
  gsize next_offset;
  const char *next_clause;
};
