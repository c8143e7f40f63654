/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl/watch.h"

/* What the files of the monitor share: watch.c hears what happens, watch-property.c knows which changes are news,
 * watch-tell.c writes them. */

typedef struct
{
  EaClient *client;
  GMainLoop *loop;
  EaReportFormat format;
  gboolean is_agent_here;
  gboolean is_bus_gone;
  GHashTable *told_at_us; /* object path → gint64: when progress was told */
  GHashTable
      *told_values; /* object path and property → value: of eUICCs, as people were told last */
  char *told_error; /* the sentence of the last one of a session or a channel */
  char *told_state; /* of the agent */
} EaWatch;

/* @event, @detail: for programs, %NULL: they are not told; @error: (nullable): (ss), when it is about one. @sentence: for
 * people, %NULL: they are not told; @mood: (nullable): a state that gives it its colour */
typedef struct
{
  const char *event;
  const char *detail;
  GVariant *error;
  const char *sentence;
  const char *mood;
} EaNews;

/* @about: (nullable): an eUICC, a channel or a session, else it is about the agent */
void ea_watch_tell (EaWatch *watch, GDBusProxy *about, const EaNews *news);

/* @value: what the property @name of @proxy has become */
void ea_watch_tell_property (EaWatch *watch, GDBusProxy *proxy, const char *name, GVariant *value);

/* @value: of the property @name of @proxy, which people are told of now, in whatever words */
void ea_watch_note_value (EaWatch *watch, GDBusProxy *proxy, const char *name, const char *value);

/* Bytes of a session or a channel were counted. It is told at most once in some seconds, the first time so long after
 * ea_watch_note_progress(). */
void ea_watch_tell_progress (EaWatch *watch, GDBusProxy *proxy);
void ea_watch_note_progress (EaWatch *watch, GDBusProxy *proxy);
