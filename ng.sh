cd /tmp/review4/x; mkdir -p ng; 
openssl req -x509 -newkey rsa:2048 -nodes -keyout ng/k.key -out ng/c.pem -days 2 -subj /CN=kpi.example.com 2>/dev/null
echo 'anne:{PLAIN}right' > ng/pw; chmod -R a+rX /tmp/review4 ng
sed -e 's#listen 80;#listen 127.0.0.1:18080;#; s#listen 443 ssl#listen 127.0.0.1:18443 ssl#; s#127.0.0.1:3000#127.0.0.1:13000#; s#127.0.0.1:3001#127.0.0.1:13001#; s#/etc/nginx/tls/kpi.example.com.pem#/tmp/review4/x/ng/c.pem#; s#/etc/nginx/tls/kpi.example.com.key#/tmp/review4/x/ng/k.key#; s#/etc/nginx/[a-z]*.htpasswd#/tmp/review4/x/ng/pw#' /tmp/review4/head/docs/deployment/nginx.conf > ng/site.conf
printf 'events {}\nhttp {\naccess_log off;\ninclude /tmp/review4/x/ng/site.conf;\n}\n' > ng/nginx.conf
cat > ng/echo.py <<'P'
from http.server import *
from urllib.parse import *
class H(BaseHTTPRequestHandler):
    def do_GET(s):
        q=parse_qs(urlsplit(s.path).query); s.send_response(200); s.end_headers(); s.wfile.write(f"BACKEND {s.path} query={q.get('query')}\n".encode())
    def log_message(s,*a): pass
HTTPServer(('127.0.0.1',13000),H).serve_forever()
P
/work/main/.venv/bin/python ng/echo.py & P=$!
/usr/sbin/nginx -p ng -c /tmp/review4/x/ng/nginx.conf -g "daemon off; pid /tmp/review4/x/ng/pid; error_log /tmp/review4/x/ng/err.log;" & N=$!
sleep 1.5
c() { curl -sk -u anne:right -o - -w '%{http_code}\n' --resolve kpi.example.com:18443:127.0.0.1 "$@"; }
echo "-- link from webmail"; c -H 'Sec-Fetch-Site: cross-site' -H 'Sec-Fetch-Mode: navigate' -H 'Sec-Fetch-Dest: document' https://kpi.example.com:18443/runs/abc | tail -1
echo "-- plain ?query"; c 'https://kpi.example.com:18443/graphql?query=mutation' | tail -1
echo "-- %71uery"; c 'https://kpi.example.com:18443/graphql?%71uery=mutation%7Bx%7D'
echo "-- empty first query"; c 'https://kpi.example.com:18443/graphql?query=&query=mutation%7Bx%7D'
kill $P $N
