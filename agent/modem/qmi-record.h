/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "core/bytes.h"

/*
 * What the agent has changed in a modem and must put back, even in its next life: the original routes of
 * short messages and configuration of the toolkit, its client ids, its open logical channels, and a radio that it switched off.
 */

typedef struct
{
  guint8 message_type;
  guint8 message_class;
  guint8 storage;
  guint8 action;
} EaQmiRoute;

typedef struct
{
  guint8 service;
  guint8 cid;
} EaQmiClientId;

/**
 * EaQmiConfiguration:
 * @mode: of the toolkit
 * @profile: custom terminal profile, at most 255 bytes; may be empty
 */
typedef struct
{
  guint8 mode;
  GBytes *profile;
} EaQmiConfiguration;

/* How the radio was left, in order to come back at once. */
typedef enum
{
  EA_QMI_RADIO_UNTOUCHED,
  EA_QMI_RADIO_LOW_POWER, /* back by going online */
  EA_QMI_RADIO_OFFLINE,   /* back by a reset, in this life of the device only */
} EaQmiRadio;

EaQmiConfiguration *ea_qmi_configuration_new (guint8 mode, EaSpan profile);
void ea_qmi_configuration_free (EaQmiConfiguration *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaQmiConfiguration, ea_qmi_configuration_free)

/**
 * EaQmiRecord:
 * @instance: names one life of the device node; client ids and channels mean something in that life only
 * @routes: (element-type EaQmiRoute) (nullable): as they were before the agent; %NULL: not changed
 * @configuration: (nullable): as it was before the agent; %NULL: not changed
 * @clients: (element-type EaQmiClientId): allocated by the agent
 * @channels: (element-type guint8): opened by the agent, or about to be
 * @usual_channel: that the card gave last when the agent had none; 0: not known
 * @radio: left by the agent, or about to be
 */
typedef struct
{
  char *instance;
  GArray *routes;
  EaQmiConfiguration *configuration;
  GArray *clients;
  GArray *channels;
  guint8 usual_channel;
  EaQmiRadio radio;
} EaQmiRecord;

void ea_qmi_record_init (EaQmiRecord *self, const char *instance);
void ea_qmi_record_clear (EaQmiRecord *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EaQmiRecord, ea_qmi_record_clear)

/* (transfer full) (nullable): %NULL when there is nothing to put back */
GBytes *ea_qmi_record_to_bytes (const EaQmiRecord *self);

/**
 * ea_qmi_record_parse:
 * @out: (out): initialised on success only
 *
 * Errors: G_IO_ERROR_INVALID_DATA; nothing in the record is trusted.
 */
gboolean ea_qmi_record_parse (EaQmiRecord *out, GBytes *bytes, GError **error);

void ea_qmi_record_add_client (EaQmiRecord *self, guint8 service, guint8 cid);
void ea_qmi_record_remove_client (EaQmiRecord *self, guint8 service, guint8 cid);
/* One that is there already stays there once. */
void ea_qmi_record_add_channel (EaQmiRecord *self, guint8 channel);
void ea_qmi_record_remove_channel (EaQmiRecord *self, guint8 channel);

/* (transfer full): names this life of the device node at @path: boot, node, time of its making. */
char *ea_qmi_record_get_instance (const char *path);
