/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A modem's control port: a device node, "/dev/cdc-wdm0" or a link to one, or a node on the QRTR bus of a SoC,
 * "qrtr://0". What is said of it here is read from sysfs, whoever has found the port: its identity must not depend on
 * that.
 */

#define EA_PORT_QRTR_SCHEME "qrtr://"

typedef enum
{
  EA_PORT_UNKNOWN, /* the kernel knows no modem there: a pseudo terminal, for instance */
  EA_PORT_QMI,
  EA_PORT_MBIM, /* may carry QMI inside */
  EA_PORT_OTHER,
} EaPortProtocol;

gboolean ea_port_is_qrtr (const char *path);

/* (transfer full): the kernel's name of what @path leads to, as ModemManager has it: "cdc-wdm0", "qrtr0" */
char *ea_port_get_name (const char *path);

/* (transfer full): the path of a port that the kernel or ModemManager calls @name */
char *ea_port_get_path (const char *name);

EaPortProtocol ea_port_get_protocol (const char *path);

/**
 * ea_port_get_device_id:
 *
 * Returns: (transfer full) (nullable): the USB, PCI or platform device in sysfs that the port is a function of, which
 *   keeps its name when the modem enumerates anew on the same connector; for QRTR the path itself; %NULL: the kernel
 *   does not know
 */
char *ea_port_get_device_id (const char *path);

/**
 * ea_port_get_node:
 *
 * Returns: (transfer full) (nullable): what tells the node from one of the same name that was made later; %NULL: there is
 *   none
 */
char *ea_port_get_node (const char *path);

G_END_DECLS
