/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wireless data: no call is up, and none can be started. */
#include "modem.h"

#define WDS_RESET 0x0000
#define WDS_SET_EVENT_REPORT 0x0001
#define WDS_GET_PACKET_SERVICE_STATUS 0x0022
#define CONNECTION_DISCONNECTED 1

SimQmiError
sim_service_wds (SimRequest *request)
{
  switch (request->message)
    {
    case WDS_RESET:
    case WDS_SET_EVENT_REPORT:
      return SIM_QMI_OK;
    case WDS_GET_PACKET_SERVICE_STATUS:
      sim_qmi_add_u8 (&request->reply, 0x01, CONNECTION_DISCONNECTED);
      return SIM_QMI_OK;
    default:
      return SIM_QMI_INVALID_COMMAND;
    }
}
